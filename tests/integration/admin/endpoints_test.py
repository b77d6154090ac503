"""What the admin port serves: health, version, status, pause and resume."""
import json
import re
import subprocess

from fixture import ROOT, TOKEN, AdminTest, eventually, main


def paths_in_the_table():
    """Those of the generated page, which are those of the router's table."""
    text = (ROOT / "docs/interface.md").read_text()
    return {(path, method) for method, path in re.findall(r"^\| (GET|POST) \| `(/[^`]*)` \|", text, re.M)}


def paths_in_documentation():
    text = (ROOT / "docs/operations.md").read_text()
    return {(path, method) for method, path in re.findall(r"^\| `(GET|POST) (/[^`]*)` \|", text, re.M)}


class Endpoints(AdminTest):
    def tearDown(self):
        self.world.sql("shop", "DELETE FROM onceward.relay_pause")

    def role(self):
        page = self.ask("/metrics").text
        return {name for name in ("leader", "paused") if re.search(rf"^onceward_relay_{name}{{.*}} 1$", page, re.M)}

    def test_are_those_that_the_documentation_lists(self):
        self.assertEqual(paths_in_documentation(), paths_in_the_table())
        self.assertIn(("/livez", "GET"), paths_in_the_table())

    def test_every_documented_path_answers(self):
        for path, method in paths_in_documentation():
            with self.subTest(path=path):
                self.assertIn(self.ask(path, method).status, (200, 401))

    def test_tell_that_a_leader_lives_and_is_ready(self):
        for path in ("/livez", "/healthz", "/readyz", "/startupz"):
            self.assertTrue(eventually(lambda: self.ask(path).status == 200), path)
            self.assertEqual(self.ask(path).text, "ok\n")
        self.assertEqual(self.ask("/readyz?verbose").text,
                         "[+]loop ok\n[+]schema ok\n[+]postgres ok\n[+]kafka ok\n[+]shard ok\nok\n")

    def test_tell_that_a_standby_is_ready_too(self):
        self.assertTrue(eventually(lambda: "leader" in self.role()))
        standby, port = self.start_relay("standby")
        self.addCleanup(standby.end, 15)
        self.assertTrue(eventually(lambda: self.ask("/readyz", port=port).status == 200))
        self.assertRegex(self.ask("/metrics", port=port).text, r"(?m)^onceward_relay_leader{.*} 0$")

    def test_tell_what_is_wrong_and_leave_out_what_is_excluded(self):
        lost, port = self.start_relay("lost", brokers="127.0.0.1:1", database=self.world.databases["other"])
        self.addCleanup(lost.end, 15)
        self.assertTrue(eventually(lambda: self.ask("/readyz", port=port).status == 503))
        self.assertTrue(eventually(lambda: re.search(r"(?m)^\[-\]kafka failed: .+ -> check --brokers",
                                                     self.ask("/readyz", port=port).text)),
                        self.ask("/readyz?verbose", port=port).text)
        self.assertEqual(self.ask("/readyz?exclude=kafka", port=port).status, 200)
        self.assertEqual(self.ask("/livez", port=port).status, 200)

    def test_name_each_of_several_outboxes(self):
        file = self.world.directory / "several.yaml"
        outboxes = [{"name": name, "database": self.world.databases[name]} for name in ("shop", "other")]
        file.write_text(json.dumps({"outboxes": outboxes}))
        several, port = self.start_relay("several", config=file, database=None, name=None)
        self.addCleanup(several.end, 15)
        self.addCleanup(self.world.sql, "other", "DELETE FROM onceward.relay_pause")

        self.assertTrue(eventually(lambda: self.ask("/readyz", port=port).status == 200))
        self.assertIn("[+]shop/postgres ok\n", self.ask("/readyz?verbose", port=port).text)
        self.assertIn("[+]other/postgres ok\n", self.ask("/readyz?verbose", port=port).text)
        page = self.ask("/metrics", port=port).text
        for name in ("shop", "other"):
            self.assertRegex(page, rf'(?m)^onceward_relay_leader{{outbox="{name}",shard="0"}} [01]$')
        unnamed = self.ask("/api/v1/status", port=port)
        self.assertEqual((unnamed.status, unnamed.json()["remedy"]), (404, "add ?outbox= and one of shop, other"))
        self.assertEqual(self.ask("/api/v1/status?outbox=other", port=port).json()["schema"]["name"], "onceward")
        paused = self.ask("/api/v1/pause?outbox=other", "POST", [f"Authorization: Bearer {TOKEN}",
                          "Content-Type: application/json"], '{"reason": "x"}', port=port)
        self.assertEqual(paused.status, 200, paused.text)
        self.assertEqual(self.world.sql("other", "SELECT count(*) FROM onceward.relay_pause"), [(1,)])
        self.assertEqual(self.world.sql("shop", "SELECT count(*) FROM onceward.relay_pause"), [(0,)])

    def test_give_the_status_that_the_command_gives(self):
        def settled(status):
            for shard in status["shards"]:
                shard["oldest_pending_s"] = 0
            return status

        def same():
            command = [self.world.dev.command[0], "status", "--json", "--database", self.world.databases["shop"]]
            printed = subprocess.run(command, capture_output=True, text=True).stdout
            answer = self.ask("/api/v1/status")
            return answer.status == 200 and settled(answer.json()) == settled(json.loads(printed))
        self.assertTrue(eventually(same))

    def test_name_the_version(self):
        printed = subprocess.run([self.world.dev.command[0], "--version"], capture_output=True, text=True).stdout
        version = self.ask("/version").json()
        self.assertEqual(printed, f"onceward {version['version']}, schema version {version['schema_version']}\n")

    def test_pause_and_resume_for_the_bearer_of_the_token(self):
        self.assertTrue(eventually(lambda: self.role() == {"leader"}))
        answer = self.change("/api/v1/pause", '{"reason": "topic moves"}')
        self.assertEqual((answer.status, answer.json()["changed"]), (200, True), answer.text)
        self.assertTrue(eventually(lambda: self.role() == {"leader", "paused"}))
        self.assertEqual(self.ask("/readyz").status, 200)
        self.assertEqual(self.ask("/api/v1/status").json()["shards"][0]["paused"]["reason"], "topic moves")

        again = self.change("/api/v1/pause", '{"reason": "other"}').json()
        self.assertEqual((again["changed"], again["reason"]), (False, "topic moves"))

        self.assertEqual(self.change("/api/v1/resume").json()["changed"], True)
        self.assertTrue(eventually(lambda: self.role() == {"leader"}))
        self.assertEqual(self.change("/api/v1/resume").json()["changed"], False)

    def test_let_nobody_else_change_anything(self):
        json_type = "Content-Type: application/json"
        reason = '{"reason": "mischief"}'
        for headers in ([json_type], [json_type, "Authorization: Bearer wrong"], [json_type, "Authorization: Basic eDp4"]):
            answer = self.ask("/api/v1/pause", "POST", headers, reason)
            self.assertEqual(answer.status, 401)
            self.assertEqual(answer.header("WWW-Authenticate"), 'Bearer realm="onceward"')
        self.assertEqual(self.world.sql("shop", "SELECT count(*) FROM onceward.relay_pause"), [(0,)])

    def test_say_how_to_allow_changes_where_there_is_no_token(self):
        closed, port = self.start_relay("closed", admin_token_file=None)
        self.addCleanup(closed.end, 15)
        answer = self.ask("/api/v1/pause", "POST", ["Content-Type: application/json"], '{"reason": "x"}', port=port)
        self.assertEqual(answer.status, 403)
        self.assertIn("--admin-token-file", answer.json()["remedy"])

    def test_want_a_reason_as_json(self):
        for body in ("", "no json", "[]", "{}", '{"reason": ""}', '{"reason": 7}', '{"reason": "%s"}' % ("x" * 1001),
                     '{"reason": "a\\u0000b"}'):
            self.assertEqual(self.change("/api/v1/pause", body).status, 400, body)
        form = self.ask("/api/v1/pause", "POST", [f"Authorization: Bearer {self.token_file.read_text().strip()}",
                                                  "Content-Type: application/x-www-form-urlencoded"], "reason=x")
        self.assertEqual(form.status, 415)

    def test_are_nowhere_when_the_port_is_taken(self):
        ended = self.run_relay(admin_listen=f"127.0.0.1:{self.port}")
        self.assertEqual(ended.returncode, 69, ended.stderr)
        self.assertIn(f"127.0.0.1:{self.port} is taken by another program; choose another with --admin-listen",
                      ended.stderr)

    def test_are_refused_to_other_machines_without_a_token(self):
        ended = self.run_relay(admin_listen="0.0.0.0:0", admin_token_file=None)
        self.assertEqual(ended.returncode, 78, ended.stderr)
        self.assertIn("give --admin-token-file as well", ended.stderr)


if __name__ == "__main__":
    main()
