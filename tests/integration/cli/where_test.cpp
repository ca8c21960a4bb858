// `hubbub sub --where`, `sub --pretty` and `pub --type`, with a real jq.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <string>

#include "tests/integration/cli/shell.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;

bool jq_is_there() { return std::system("jq --version >/dev/null 2>&1") == 0; }

class Where : public testing::Test {
 protected:
  void SetUp() override {
    if (!jq_is_there()) GTEST_SKIP() << "there is no jq";
  }
  void says(const std::string& lines) { EXPECT_EQ(shell.run("hubbub pub ops", lines).code, 0); }
  /// Of what was said so far, with these words.
  Ran received(const std::string& words) { return shell.run("hubbub sub ops --from 1 " + words); }
  Shell shell;
};

TEST_F(Where, LetsThroughWhatTheExpressionMatchesInOrder) {
  says(
      "{\"level\":\"error\",\"n\":1}\nnot json\n{\"level\":\"info\"}\n[]\n\n7\n{ \"n\": 2.50, \"level\": \"error\" "
      "}\n");
  EXPECT_EQ(received("-n 2 --where '.level? == \"error\"'").out,
            "{\"level\":\"error\",\"n\":1}\n{ \"n\": 2.50, \"level\": \"error\" }\n");
}

TEST_F(Where, MatchesWhereAnyResultIsNeitherFalseNorNull) {
  says("[1,5]\n[1,2]\n[]\n[7]\n");
  EXPECT_EQ(received("-n 2 --where '.[] > 4'").out, "[1,5]\n[7]\n");
  EXPECT_EQ(received("-n 3 --where '.[0] # a comment'").out, "[1,5]\n[1,2]\n[7]\n");
  EXPECT_EQ(received("-n 1 --where 'def f: .[0]; f == 7'").out, "[7]\n");
  EXPECT_EQ(received("-n 1 --where 'empty, (.[0] == 7)'").out, "[7]\n");
}

TEST_F(Where, GivesTheExpressionTheMessage) {
  says("{}\n{}\n");
  shell.run("hubbub --name bob pub ops -m '{}' --header host=web1 --kind notice");
  EXPECT_EQ(received("-n 1 --where '$message.seq == 2' -F '{seq}'").out, "2\n");
  EXPECT_EQ(
      received("-n 1 --where '$message | .from == \"bob\" and .headers.host == \"web1\" and .kind == \"notice\"' -F "
               "'{seq}'")
          .out,
      "3\n");
}

TEST_F(Where, WorksWithEveryWayToWriteAMessage) {
  says("{\"a\":0}\n{\"a\":1}\n");
  EXPECT_THAT(received("-n 1 --where .a==1 -v").out, HasSubstr(" 2 "));
  EXPECT_THAT(received("-n 1 --where .a==1 --json").out, HasSubstr(R"("text":"{\"a\":1}")"));
  EXPECT_EQ(received("-n 1 --where .a==1 --exec 'cat; echo \" $HUBBUB_SEQ\"'").out, "{\"a\":1} 2\n");
  EXPECT_EQ(received("-n 1 --where .a==1 --pretty").out, "{\n  \"a\": 1\n}\n");
}

TEST_F(Where, CountsWhatDoesNotMatchAsRead) {
  says("{\"a\":0}\n{\"a\":1}\n{\"a\":0}\n");
  EXPECT_EQ(shell.run("hubbub sub ops --durable d --all --where .a==1 --until-idle 1s").out, "{\"a\":1}\n");
  says("{\"a\":1,\"new\":1}\n");
  EXPECT_EQ(shell.run("hubbub sub ops --durable d -n 1 -F '{seq}'").out, "4\n");
}

TEST_F(Where, TellsAnExpressionThatFailsOnceAndGoesOn) {
  says("7\n8\n{\"a\":1}\n");
  const auto ran = received("-n 1 --where .a==1");
  EXPECT_EQ(ran.out, "{\"a\":1}\n");
  EXPECT_THAT(ran.err, HasSubstr("failed on message 1 of #ops"));
  EXPECT_EQ(ran.err.find("message 2"), std::string::npos) << ran.err;
}

TEST_F(Where, RefusesAnExpressionThatIsNoneBeforeThereIsAHub) {
  shell.environment["HUBBUB_URL"] = "unix:///nowhere";
  for (const std::string wrong : {".a ==", "foo", "$nothing", "", " ", ") | (", "-1 +"}) {
    const auto ran = shell.run("hubbub sub ops --where '" + wrong + "'");
    EXPECT_EQ(ran.code, 64) << wrong << ran.err;
    EXPECT_EQ(ran.err.find("nowhere"), std::string::npos) << ran.err;
  }
  EXPECT_THAT(shell.run("hubbub sub ops --where foo").err, HasSubstr("foo/0 is not defined"));
}

TEST_F(Where, SaysWhatToInstallWhereThereIsNoJq) {
  const auto ran = shell.run("PATH=/nowhere \"$(command -v hubbub)\" sub ops --where .a");
  EXPECT_EQ(ran.code, 69);
  EXPECT_THAT(ran.err, HasSubstr("apt install jq"));
}

TEST_F(Where, SaysSoWhenJqIsKilled) {
  shell.run(
      "mkdir bin; printf '#!/bin/sh\\necho $$ > jq.pid; exec %s \"$@\"\\n' $(command -v jq) > bin/jq; chmod +x bin/jq");
  shell.environment["PATH"] = shell.path("bin") + ":" + shell.run("printf %s \"$PATH\"").out;
  Job sub = shell.start_sub("ops --where .a==1");
  says("{\"a\":1}\n");
  sub.wait_for_out("{\"a\":1}\n");
  shell.run("kill -KILL $(cat jq.pid)");
  EXPECT_EQ(sub.wait(), 70);
  EXPECT_THAT(sub.err(), HasSubstr("jq, which --where needs, was killed by signal 9"));
}

TEST_F(Where, IsNotHeldUpByAnExpressionThatNeverEnds) {
  says("7\n");
  const auto ran = received("--where 'last(repeat(1))'");
  EXPECT_EQ(ran.code, 124);
  EXPECT_THAT(ran.err, HasSubstr("hasn't answered for 10 s"));
}

TEST_F(Where, KeepsAnExpressionFromReadingOnAndFromEndingJq) {
  says("7\n8\n9\n");
  for (const std::string expression : {"input == 8", "[inputs] == [8,9]", "halt", "halt_error", "halt_error(0)"}) {
    const auto ran = received("--until-idle 1s --where '" + expression + "'");
    EXPECT_EQ(ran.code, 0) << expression << ran.err;
    EXPECT_EQ(ran.out, "") << expression;
  }
  EXPECT_EQ(received("-n 3 --where 'debug | stderr'").out, "7\n8\n9\n");
}

TEST_F(Where, TakesNoHarmFromHostileBodies) {
  const auto deep = std::string(100'000, '[') + std::string(100'000, ']');
  says(deep + "\n" + std::string(300, '[') + std::string(300, ']') + "\n\"\\ud800\"\n1e400\n\"\xff\"\n[1]\n");
  EXPECT_EQ(received("-n 1 --where 'type == \"array\"'").out, "[1]\n");
  const auto big = "{\"text\":\"" + std::string(1'000'000, 'x') + "\",\"big\":true}";
  EXPECT_EQ(shell.run("hubbub pub ops --whole", big).code, 0);
  EXPECT_EQ(received("-n 1 --where '.big?'").out, big + "\n");
}

TEST_F(Where, KeepsUpWithManyMessagesAndLosesNone) {
  shell.run("seq 100000 | sed 's/.*/{\"n\":&}/' > said; seq 10 10 100000 | sed 's/.*/{\"n\":&}/' > expected");
  Job sub = shell.start_sub("ops -n 10000 --where '.n % 10 == 0'");
  EXPECT_EQ(shell.run("hubbub pub ops < said").code, 0);
  EXPECT_EQ(sub.wait(), 0) << sub.err();
  EXPECT_EQ(sub.out(), read_file(shell.path("expected")));
}

class JsonBodies : public testing::Test {
 protected:
  Shell shell;
};

TEST_F(JsonBodies, AreCheckedAndSaidToBeSo) {
  EXPECT_EQ(shell.run("hubbub pub ops --type json", "{\"a\": 1.10}\n").code, 0);
  EXPECT_EQ(shell.run("hubbub sub ops --from 1 -n 1 -F '{header:content-type} {body}'").out,
            "application/json {\"a\": 1.10}\n");
  const auto ran = shell.run("hubbub pub ops --type json", "{}\n{\"a\" 1}\n{}\n");
  EXPECT_EQ(ran.code, 65);
  EXPECT_THAT(ran.err, HasSubstr("line 2: this is no JSON, at line 1, column 6: a colon belongs here"));
  EXPECT_EQ(shell.run("hubbub pub ops -m '{' --header content-type=application/json").code, 0);
  EXPECT_EQ(shell.run("hubbub pub ops -m '{}' --type json --header content-type=a/b").code, 64);
  EXPECT_EQ(shell.run("hubbub pub ops -m '{}' --type yaml").code, 64);
}

TEST_F(JsonBodies, AreLaidOutForPeopleWhereTheyAreLong) {
  const auto list = "[" + std::string(50, ' ') + "1,2,12345678901234567890123," + std::string(50, ' ') + "1.10]";
  shell.run("hubbub pub ops --whole --type json", list);
  shell.run("hubbub pub ops -m '[1,2]' --type json; hubbub pub ops --whole", list);
  const auto out = shell.run("hubbub history ops").out;
  EXPECT_THAT(out, HasSubstr(": [\n    1,\n    2,\n    12345678901234567890123,\n    1.10\n  ]\n"));
  EXPECT_THAT(out, HasSubstr(": [1,2]\n"));
  EXPECT_THAT(out, HasSubstr(": " + list + "\n"));
  EXPECT_EQ(shell.run("hubbub sub ops --from 1 -n 1").out, list + "\n");
}

}  // namespace
}  // namespace hubbub::test
