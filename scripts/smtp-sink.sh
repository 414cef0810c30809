#!/usr/bin/env bash
# Sets up the mail server of the live tests: aiosmtpd in an environment of its own, a self-made certificate for localhost, and one
# of an authority that a test can choose to trust. Repeating it does nothing.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

SINK=$CACHE/smtp-sink
[ ! -e "$SINK/ready-2" ] || exit 0
need openssl openssl
python3 -c 'import venv, ensurepip' 2>/dev/null || apt_install python3 python3-venv
rm -rf "$SINK"
mkdir -p "$SINK"
cd "$SINK"
quiet smtp-sink-venv python3 -m venv venv || die "python3 -m venv"
quiet smtp-sink-pip venv/bin/pip install --quiet --disable-pip-version-check 'aiosmtpd==1.4.6' || die "pip install aiosmtpd"

certificates() {
  local localhost='subjectAltName=DNS:localhost'
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=localhost -addext "$localhost" -keyout self.key -out self.pem
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj '/CN=authority of the tests' -keyout authority.key -out authority.pem
  openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout good.key -out good.csr
  openssl x509 -req -in good.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 3650 -extfile <(echo "$localhost") -out good.pem
}
quiet smtp-sink-certificates certificates || die "openssl"
touch ready-2
say "smtp-sink: ready"
