"""Mutants: each column of each extract.sql and load.sql is changed in turn, and a gate that uses neither must be red."""
