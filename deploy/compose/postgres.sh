#!/bin/sh
# Run by the PostgreSQL image when its volume is empty: an owner and a database each for Airflow and for the catalogue.
set -eu
for name in airflow catalog; do
  eval "password=\$${name}_password"
  psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --set name="$name" --set password="$password" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
SQL
done
