#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/checks/blank.hpp"
#include "tests/checks/co_await.hpp"
#include "tests/checks/tree.hpp"

namespace hubbub::checks {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Findings findings_in(std::string text) { return wrong_co_awaits({"file.cpp", std::move(text)}); }

TEST(CoAwait, NothingInTheTreeThatGcc12CompilesWrongly) {
  const auto sources = read_sources(HUBBUB_SOURCE_DIR, {"proto", "common", "server", "client", "tests"});
  ASSERT_GT(sources.size(), 20u);
  for (const auto& source : sources) {
    for (const auto& finding : wrong_co_awaits(source)) ADD_FAILURE() << finding;
  }
}

TEST(CoAwait, FindsABracedTemporary) {
  EXPECT_THAT(findings_in("void f() {\n  co_await send(Hello{name});\n}\n"), SizeIs(1));
  EXPECT_THAT(findings_in("void f() {\n  auto x = co_await link.call<Join>(Join{room, 1});\n}\n"), SizeIs(1));
  EXPECT_THAT(findings_in("void f() {\n  co_await send({name, 2});\n}\n"), SizeIs(1));
  EXPECT_THAT(findings_in("void f() {\n  co_await send(1, {name});\n}\n"), SizeIs(1));
  EXPECT_THAT(findings_in("void f() {\n  co_return Pair{co_await a(), 1};\n}\n"), SizeIs(1));
  EXPECT_THAT(findings_in("void f() {\n  if (auto x = co_await send(Hello{name}); x) return;\n}\n"), SizeIs(1));
  EXPECT_THAT(findings_in("void f() {\n  use(std::vector<int>{1}, co_await a());\n}\n"), SizeIs(1));
}

TEST(CoAwait, FindsACapturingLambda) {
  EXPECT_THAT(findings_in("void f() {\n  co_await each([&] { go(); });\n}\n"), SizeIs(1));
  EXPECT_THAT(findings_in("void f() {\n  co_await each(1, [this, x = 2](int y) { go(y); });\n}\n"), SizeIs(1));
}

TEST(CoAwait, FindsABareCondition) {
  EXPECT_THAT(findings_in("void f() {\n  if (co_await ready()) return;\n}\n"), SizeIs(1));
  EXPECT_THAT(findings_in("void f() {\n  while (x && !co_await ready()) {\n    g();\n  }\n}\n"), SizeIs(1));
  EXPECT_THAT(findings_in("void f() {\n  if ((x = co_await ready())) return;\n}\n"), SizeIs(1));
}

TEST(CoAwait, LeavesConditionsThatDeclareAlone) {
  EXPECT_THAT(findings_in("void f() {\n  if (const bool ok = co_await ready()) return;\n}\n"), IsEmpty());
  EXPECT_THAT(findings_in("void f() {\n  if (const auto x = co_await ready(); !x) return;\n}\n"), IsEmpty());
  EXPECT_THAT(findings_in("void f() {\n  if (x) y = co_await ready();\n}\n"), IsEmpty());
  EXPECT_THAT(findings_in("void f() {\n  for (auto x : co_await all()) g(x);\n}\n"), IsEmpty());
}

TEST(CoAwait, LeavesNamedVariablesAlone) {
  EXPECT_THAT(findings_in("void f() {\n  const Hello hello{name};\n  co_await send(hello);\n}\n"), IsEmpty());
  EXPECT_THAT(findings_in("void f() {\n  const auto g = [&] { go(); };\n  co_await each(g);\n}\n"), IsEmpty());
  EXPECT_THAT(findings_in("void f() {\n  const Reply reply{co_await ask(hello)};\n}\n"), IsEmpty());
}

TEST(CoAwait, LeavesIdsAndTimesAlone) {
  EXPECT_THAT(findings_in("void f() {\n  co_await read(Seq{1}, std::chrono::milliseconds{5});\n}\n"), IsEmpty());
}

TEST(CoAwait, LeavesOtherStatementsAlone) {
  EXPECT_THAT(findings_in("void f() {\n  g(Hello{1});\n  co_await h();\n  g(Hello{1});\n}\n"), IsEmpty());
  EXPECT_THAT(findings_in("void f() {\n  if (x) {\n    g(Hello{1});\n  }\n  co_await h();\n}\n"), IsEmpty());
  EXPECT_THAT(findings_in("void f() {\n  if (auto x = co_await h()) {\n    g(Hello{1});\n  }\n}\n"), IsEmpty());
}

TEST(CoAwait, LeavesSubscriptsAndLambdasWithoutCapturesAlone) {
  EXPECT_THAT(findings_in("void f() {\n  co_await send(rooms[1], names()[2]);\n}\n"), IsEmpty());
  EXPECT_THAT(findings_in("void f() {\n  co_await each([](int y) { go(Hello{y}); });\n}\n"), IsEmpty());
}

TEST(CoAwait, LeavesCommentsAndLiteralsAlone) {
  EXPECT_THAT(findings_in("// co_await send(Hello{1});\nauto s = \"co_await send(Hello{1})\";\n"), IsEmpty());
  EXPECT_THAT(findings_in("void f() {\n  co_await send(\"T{1}\", 'x');  // T{1}\n}\n"), IsEmpty());
}

TEST(CoAwait, SeesCodeWithoutCommentsAndLiterals) {
  EXPECT_EQ(blank_comments_and_literals("a /* b */ c"), "a         c");
  EXPECT_EQ(blank_comments_and_literals("a // b\nc"), "a     \nc");
  EXPECT_EQ(blank_comments_and_literals("f(\"\\\"a\", 1'000, 'b')"), "f(     , 1'000,    )");
  EXPECT_EQ(blank_comments_and_literals("f(R\"x(a\nb)x\", c)"), "f(     \n    , c)");
}

TEST(CoAwait, AFindingNamesFileAndLine) {
  const auto findings = findings_in("void f() {\n\n  co_await send(\n      Hello{name});\n}\n");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].line, 4u);
  EXPECT_THAT(findings[0].sentence, HasSubstr("name it in a variable first"));
}

}  // namespace
}  // namespace hubbub::checks
