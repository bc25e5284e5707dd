-- Purpose: the named objects cut into parts of numbers [lo, hi), few enough parts for one page of Airflow.
-- $1 objects in a part, $2 parts at the most
select min(object_no) as lo, max(object_no) + 1 as hi
  from (select object_no, (row_number() over (order by object_no) - 1) / greatest($1, count(*) over () / $2 + 1) as part
          from migration.object
         where named) n
 group by part
 order by part
