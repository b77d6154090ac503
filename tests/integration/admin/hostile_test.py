"""Clients that mean harm, or do not know better. Whatever they send: the relay goes on, a well-behaved client is
answered within seconds, and nothing of the process is told.
"""
import os
import random
import socket
import time

from fixture import TOKEN, AdminTest, Client, eventually, main

WELL_BEHAVED_SECONDS = 5
CUT_OFF_SECONDS = 7  # five to ask, and a little for a busy machine
GOOD = b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"

RAW = {
    "nothing": b"",
    "a newline": b"\n",
    "empty lines": b"\r\n" * 40,
    "TLS": bytes.fromhex("16030100a5010000a10303") + bytes(range(160)),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "zero bytes": b"\0" * 4096,
    "a line without end": b"GET /" + b"a" * 100_000,
    "a long path": b"GET /" + b"a" * 5_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "a path of escapes": b"GET /" + b"%2e%2e%2f" * 100 + b"etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n",
    "a bad escape": b"GET /%zz%00%ff HTTP/1.1\r\nHost: a\r\n\r\n",
    "a huge header": b"GET /livez HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
    "many headers": b"GET /livez HTTP/1.1\r\nHost: a\r\n" + b"X: 1\r\n" * 5_000 + b"\r\n",
    "many queries": b"GET /readyz?" + b"&".join(b"exclude=%d" % i for i in range(80)) + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "ranges": b"GET /metrics HTTP/1.1\r\nHost: a\r\nRange: bytes=" + b"0-," * 3_000 + b"0-\r\n\r\n",
    "a chunked body": b"POST /api/v1/pause HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n" + b"x" * 70_000,
    "a chunked GET": b"GET /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"POST /api/v1/pause HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 44\r\n\r\n" + GOOD,
    "a length and chunks": b"POST /api/v1/pause HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + GOOD,
    "a negative length": b"POST /api/v1/pause HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "a length without end": b"POST /api/v1/pause HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "a large body": b"POST /api/v1/pause HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1_000_000,
    "a gzip bomb": b"POST /api/v1/pause HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n" + b"\x1f\x8b" + b"x" * 8,
    "a body where none belongs": b"GET /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 44\r\n\r\n" + GOOD,
    "pipelined garbage": b"BREW /coffee HTTP/1.1\r\nHost: a\r\n\r\n" + os.urandom(3_000) + GOOD,
    "CR LF in a header": b"GET /livez HTTP/1.1\r\nHost: a\r\nX: a\rSet-Cookie: b\nSet-Cookie: c\r\n\r\n",
    "CR LF in the path": b"GET /livez\r\nSet-Cookie: b HTTP/1.1\r\nHost: a\r\n\r\n",
    "CR LF in the query": b"GET /readyz?exclude=a%0d%0aSet-Cookie:%20b HTTP/1.1\r\nHost: a\r\n\r\n",
    "a folded header": b"GET /livez HTTP/1.1\r\nHost: a\r\n X: b\r\n\r\n",
    "no host": b"GET /livez HTTP/1.1\r\n\r\n",
    "another program's address": b"GET /livez HTTP/1.1\r\nHost: a\r\nREMOTE_ADDR: 10.0.0.1\r\nREMOTE_PORT: x\r\n\r\n",
    "a multipart bomb": b"POST /api/v1/pause HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b" +
                        b"\r\nContent-Length: 60000\r\n\r\n--b\r\nContent-Disposition: form-data; filename*=" + b"a" * 59_950,
    "deep JSON": b"POST /api/v1/pause HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %b\r\nContent-Type: application/json\r\n"
                 b"Content-Length: 60000\r\n\r\n%b" % (TOKEN.encode(), b"[" * 60_000),
    "a wrong token": b"POST /api/v1/pause HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + b"x" * 8_000 + b"\r\nContent-Length: 0\r\n\r\n",
}
RAW.update({f"the method {m}": f"{m} /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n".encode()
            for m in ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "OPTIONS", "POST", "get", "A" * 300)})


class HostileClients(AdminTest):
    def setUp(self):
        self.secrets = [TOKEN.encode(), self.world.databases["shop"].encode(), b"EXCEPTION_WHAT", b"httplib", b"std::",
                        b"Set-Cookie"]

    def check_nothing_leaks(self, answer):
        for secret in self.secrets:
            self.assertNotIn(secret, answer.raw)

    def check_all_is_well(self):
        begin = time.monotonic()
        answer = self.ask("/livez")
        self.assertEqual((answer.status, answer.text), (200, "ok\n"))
        self.assertLess(time.monotonic() - begin, WELL_BEHAVED_SECONDS)
        self.assertTrue(self.relay.running(), self.relay.last_words())

    def check_nothing_was_changed(self):
        self.assertEqual(self.world.sql("shop", "SELECT count(*) FROM onceward.relay_pause"), [(0,)])

    def test_get_one_answer_and_no_secret_for_any_bytes(self):
        for name, data in RAW.items():
            with self.subTest(name), Client(self.port) as client:
                client.send(data)
                client.finish()
                answer = client.answer()
                self.check_nothing_leaks(answer)
                self.assertLessEqual(answer.raw.count(b"HTTP/1.1 "), 1)
                self.assertNotEqual(answer.status, 500)
        self.check_all_is_well()
        self.check_nothing_was_changed()

    def test_find_no_answer_to_random_bytes_that_hurts(self):
        dice = random.Random(20261126)
        words = [b"GET ", b"POST ", b"/livez", b"/api/v1/pause", b" HTTP/1.1", b"\r\n", b"\n", b"\r", b"Host: a", b":", b"\0",
                 b"Content-Length: ", b"5", b"Transfer-Encoding: chunked", b"%00", b"\xff", b"?verbose", b"\r\n\r\n"]
        for _ in range(400):
            with Client(self.port) as client:
                client.send(b"".join(dice.choice(words) for _ in range(dice.randrange(1, 40))))
                client.finish()
                self.check_nothing_leaks(client.answer())
        self.check_all_is_well()
        self.check_nothing_was_changed()

    def test_cannot_starve_others_by_being_slow(self):
        slow = [Client(self.port) for _ in range(60)]
        for client in slow:
            self.addCleanup(client.close)
            client.send(b"GET /livez HTTP/1.1\r\nX-Slow: ")
        begin = time.monotonic()
        last_sent = 0.0
        while any(client.send(b"x") for client in slow):
            self.check_all_is_well()
            self.assertLess(time.monotonic() - begin, 3 * CUT_OFF_SECONDS)  # though none of them ever paused for long
            last_sent = time.monotonic() - begin
            time.sleep(0.2)  # the attack's pace
        self.assertLess(last_sent, 3 * CUT_OFF_SECONDS)

    def test_cannot_starve_others_by_being_many(self):
        idle = [Client(self.port) for _ in range(200)]
        for client in idle:
            self.addCleanup(client.close)
        self.check_all_is_well()
        crowd = [Client(self.port) for _ in range(400)]
        for client in crowd:
            self.addCleanup(client.close)
        self.check_all_is_well()

    def test_cannot_starve_others_by_not_reading(self):
        deaf = [Client(self.port) for _ in range(40)]
        for client in deaf:
            self.addCleanup(client.close)
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            client.send(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
        self.check_all_is_well()

    def test_cannot_make_the_database_work_for_many_at_once(self):
        askers = [Client(self.port) for _ in range(60)]
        for client in askers:
            self.addCleanup(client.close)
            client.send(b"GET /api/v1/status HTTP/1.1\r\nHost: a\r\n\r\n")
        self.check_all_is_well()
        answers = [client.answer() for client in askers]
        self.assertIn(200, {a.status for a in answers})
        self.assertLessEqual({a.status for a in answers}, {200, 503})
        for answer in answers:
            self.check_nothing_leaks(answer)

    def test_leave_the_relay_at_its_work(self):
        for data in RAW.values():
            with Client(self.port) as client:
                client.send(data)
        self.add_event()
        self.assertTrue(eventually(lambda: self.world.sql(
            "shop", "SELECT count(*) FROM onceward.outbox o, onceward.relay_cursor c "
                    "WHERE NOT pg_visible_in_snapshot(o.xid, c.lo::pg_snapshot)") == [(0,)]))
        self.check_all_is_well()


if __name__ == "__main__":
    main()
