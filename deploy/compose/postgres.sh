#!/bin/bash
# Run by the image once, on an empty data directory: a role that owns one database and nothing else.
set -euo pipefail

: "${DATABASE_PASSWORD:?}"

psql --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --no-psqlrc --quiet <<'EOF'
\getenv password DATABASE_PASSWORD
create role custodia login nosuperuser nocreatedb nocreaterole password :'password';
create database custodia owner custodia encoding 'UTF8' template template0;
revoke connect on database custodia from public;
EOF
