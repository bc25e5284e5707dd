"""An upload whose parts are sent beside the writing: whole or not there at all."""

from __future__ import annotations

import hashlib
import os

import pytest

from poco_migration.adapters import uploading
from poco_migration.adapters.objects import CHUNK, ObjectStore
from poco_migration.errors import MigrationError


def test_parts_that_are_sent_beside_the_writing_come_in_order(objects: ObjectStore) -> None:
    objects.ensure_bucket("upload")
    body = os.urandom(4 * CHUNK + 17)
    with uploading.writing(objects, "upload", "whole") as sink:
        for begin in range(0, len(body), CHUNK // 3):
            sink.write(body[begin : begin + CHUNK // 3])
    assert objects.get("upload", "whole") == body
    assert sink.sha256 == hashlib.sha256(body).hexdigest() == uploading.sha256(objects, "upload", "whole")


def test_a_part_that_fails_on_its_way_fails_the_upload_and_leaves_no_object(objects: ObjectStore) -> None:
    objects.ensure_bucket("upload")
    with pytest.raises(MigrationError, match="upload upload/lost"), uploading.writing(objects, "upload", "lost") as sink:
        sink.write(bytes(CHUNK))
        objects.client().abort_multipart_upload(Bucket="upload", Key="lost", UploadId=sink._upload)
        sink.write(bytes(CHUNK))
        sink.write(bytes(10))
    assert not objects.exists("upload", "lost")
