#!/usr/bin/env bash
# The platform of docker-compose.yaml: `compose.sh build` builds Airflow's images; `compose.sh up` makes its secrets once and
# starts it; `compose.sh secrets FOLDER` makes them alone; any other word goes to docker compose (or to what COMPOSE names, like
# podman-compose).
set -euo pipefail
cd "$(dirname "$0")/.."
compose=${COMPOSE:-docker compose}

random() { head -c 32 /dev/urandom | base64 -w0 | tr '+/' '-_' | tr -d '='; }

# secrets FOLDER: all of them or none, with random passwords that nobody chose; those that are there stay.
secrets() {
  local folder=$1 part airflow catalog redis key secret user
  [ -e "$folder" ] && return
  umask 077
  mkdir -p "$(dirname "$folder")"
  part=$(mktemp -d "$folder.XXXXXX")
  airflow=$(random) catalog=$(random) redis=$(random) key=$(random | head -c 20) secret=$(random)
  cat >"$part/postgres.env" <<<"POSTGRES_PASSWORD=$(random) airflow_password=$airflow catalog_password=$catalog"
  printf 'postgres:5432:*:%s:%s\n' airflow "$airflow" catalog "$catalog" >"$part/pgpass"
  printf 'requirepass %s\nappendonly yes\n' "$redis" >"$part/redis.conf"
  printf 'redis://:%s@redis:6379/0' "$redis" >"$part/broker_url"
  cat >"$part/s3.env" <<<"AWS_ACCESS_KEY_ID=$key AWS_SECRET_ACCESS_KEY=$secret"
  printf '[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n' "$key" "$secret" >"$part/s3_credentials"
  printf '%s=' "$(random)" >"$part/fernet_key"
  random >"$part/api_secret_key"
  random >"$part/jwt_secret"
  printf 'spark.%s\n' 'authenticate true' "authenticate.secret $(random)" 'master.rest.enabled false' \
    'ui.killEnabled false' >"$part/spark.conf"
  printf '{"admin": "%s"}\n' "$(random)" >"$part/passwords.json"
  # root's are the images' own user's: nothing runs as root
  user=$(id -u)
  [ "$user" -ne 0 ] || user=10001
  printf 'root:x:0:0:root:/root:/usr/sbin/nologin\nairdub:x:%s:0:airdub:/tmp:/usr/sbin/nologin\n' "$user" >"$part/passwd"
  [ "$(id -u)" -ne 0 ] || chown -R 10001 "$part"
  mv -T "$part" "$folder"
}

# By the program that runs them: docker and podman don't see each other's images.
build() {
  local tool=${compose%% *}
  IMAGES_TOOL=${IMAGES_TOOL:-${tool%-compose}} .venv/bin/python tools/images.py airflow
}

up() {
  secrets deploy/compose/secrets
  # containers read the secrets as whoever owns them; compose reads .env whoever calls it
  [ "$(id -u)" -eq 0 ] || grep -qs '^AIRDUB_USER_ID=' .env || echo "AIRDUB_USER_ID=$(id -u)" >>.env
  mkdir -p "${AIRDUB_LIBRARY:-var/library}"
  $compose up --detach --wait "$@"
  echo "Airflow: http://127.0.0.1:${AIRDUB_PORT:-8080}, user admin, password in deploy/compose/secrets/passwords.json"
}

case ${1:-} in
  build) build ;;
  up) shift; up "$@" ;;
  secrets) secrets "$2" ;;
  *) $compose "$@" ;;
esac
