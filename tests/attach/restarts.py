"""Restarts an attached program, and then the server, under load: restarts.py [PROGRAMS [SERVERS [CLIENTS]]].

In the end each call has had one answer, the program has seen none twice, and no client ever heard that the tool does not
exist.
"""

import os
import signal
import sys
import tempfile

from load import PATIENCE, Clients, Server, free_port


def main(programs, servers, clients):
    # What an address sanitizer keeps of freed memory, 256 MB otherwise, is no growth of the server's.
    os.environ["ASAN_OPTIONS"] = f"quarantine_size_mb=8:{os.environ.get('ASAN_OPTIONS', '')}"
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder, free_port())
        server.start()
        lent = server.teller()
        server.await_program("teller")
        load = Clients(server.port, clients)
        try:
            load.await_more("the start")
            early = None
            for count in range(programs):
                lent.send_signal(signal.SIGTERM if count % 2 else signal.SIGKILL)
                lent.wait(PATIENCE)
                lent = server.teller()
                load.await_more(f"restart {count + 1} of the program")
                if count == min(100, programs // 2):
                    early = server.resident()
            grown = (server.resident() - early) / 1e6
            print(f"{programs} restarts of the program: {dict(load.outcomes)}; the server grew by {grown:.1f} MB "
                  "in the second part")
            # Only the long form tells growth from what a sanitizer or a young heap takes.
            assert programs < 200 or grown < 30, f"the server grew by {grown} MB"

            load.server_may_go = True
            for count in range(servers):
                server.end(signal.SIGTERM if count % 2 else signal.SIGKILL)
                server.start()
                load.await_more(f"restart {count + 1} of the server")
            print(f"{servers} restarts of the server: {dict(load.outcomes)}")
        finally:
            load.stop()
            lent.kill()
            lent.wait()
            server.end(signal.SIGTERM)
        load.check(server.notes)
        print("ok")


main(*(int(argument) for argument in (sys.argv[1:] + ["20", "4", "20"][len(sys.argv) - 1:])))
