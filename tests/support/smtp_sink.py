"""A mail server that keeps what it gets. Prints its port, then one line of JSON for each message. Ends with its standard input."""

import argparse
import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

parser = argparse.ArgumentParser()
parser.add_argument("--security", choices=["none", "starttls", "tls"], default="none")
parser.add_argument("--certificate", help="path without .pem and .key")
parser.add_argument("--password", help="of the user `console`; signing in is then required")
args = parser.parse_args()


class Sink:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        text = envelope.content.decode("utf-8", "replace")
        print(json.dumps({"from": envelope.mail_from, "to": envelope.rcpt_tos, "text": text}), flush=True)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=data.login == b"console" and data.password == args.password.encode(), handled=False)


async def main():
    context = None
    if args.security != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(args.certificate + ".pem", args.certificate + ".key")
    options = {}
    if args.password:
        options = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": args.security == "starttls"}
    starttls = context if args.security == "starttls" else None
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Sink(), tls_context=starttls, **options), "127.0.0.1", 0, ssl=context if args.security == "tls" else None
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    # The test's end closes the pipe, however it ends.
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
