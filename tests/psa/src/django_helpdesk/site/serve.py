"""Serves the desk on a port of 127.0.0.1 and prints which; ends with its standard input."""

import os
import sys
import threading

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk_settings")

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application


class Quiet(WSGIRequestHandler):
    """One line per request would drown the tests' own words."""

    def log_message(self, *_arguments):
        pass


def until_abandoned():
    sys.stdin.read()
    os._exit(0)


server = ThreadedWSGIServer(("127.0.0.1", int(sys.argv[1])), Quiet)
server.set_app(get_wsgi_application())
print(server.server_address[1], flush=True)
threading.Thread(target=until_abandoned, daemon=True).start()
server.serve_forever()
