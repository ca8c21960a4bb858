#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/checks/blank.hpp"
#include "tests/checks/co_await_temporaries.hpp"
#include "tests/checks/tree.hpp"

namespace hubbub::checks {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Findings findings_in(std::string text) { return co_await_temporaries({"file.cpp", std::move(text)}); }

TEST(CoAwaitTemporaries, NoneInTheTree) {
  const auto sources = read_sources(HUBBUB_SOURCE_DIR, {"proto", "common", "server", "client", "tests"});
  ASSERT_GT(sources.size(), 20u);
  for (const auto& source : sources) {
    for (const auto& finding : co_await_temporaries(source)) ADD_FAILURE() << finding;
  }
}

TEST(CoAwaitTemporaries, FindsABracedTemporary) {
  EXPECT_THAT(findings_in("void f() {\n  co_await send(Hello{name});\n}\n"), SizeIs(1));
  EXPECT_THAT(findings_in("void f() {\n  auto x = co_await link.call<Join>(Join{room, 1});\n}\n"), SizeIs(1));
  EXPECT_THAT(findings_in("void f() {\n  co_await send({name, 2});\n}\n"), SizeIs(1));
  EXPECT_THAT(findings_in("void f() {\n  co_await send(1, {name});\n}\n"), SizeIs(1));
  EXPECT_THAT(findings_in("void f() {\n  co_return Pair{co_await a(), 1};\n}\n"), SizeIs(1));
  EXPECT_THAT(findings_in("void f() {\n  if ((co_await send(Hello{name})).ok()) return;\n}\n"), SizeIs(1));
  EXPECT_THAT(findings_in("void f() {\n  use(std::vector<int>{1}, co_await a());\n}\n"), SizeIs(1));
}

TEST(CoAwaitTemporaries, FindsACapturingLambda) {
  EXPECT_THAT(findings_in("void f() {\n  co_await each([&] { go(); });\n}\n"), SizeIs(1));
  EXPECT_THAT(findings_in("void f() {\n  co_await each(1, [this, x = 2](int y) { go(y); });\n}\n"), SizeIs(1));
}

TEST(CoAwaitTemporaries, LeavesNamedVariablesAlone) {
  EXPECT_THAT(findings_in("void f() {\n  const Hello hello{name};\n  co_await send(hello);\n}\n"), IsEmpty());
  EXPECT_THAT(findings_in("void f() {\n  const auto g = [&] { go(); };\n  co_await each(g);\n}\n"), IsEmpty());
  EXPECT_THAT(findings_in("void f() {\n  const Reply reply{co_await ask(hello)};\n}\n"), IsEmpty());
}

TEST(CoAwaitTemporaries, LeavesOtherStatementsAlone) {
  EXPECT_THAT(findings_in("void f() {\n  g(Hello{1});\n  co_await h();\n  g(Hello{1});\n}\n"), IsEmpty());
  EXPECT_THAT(findings_in("void f() {\n  if (x) {\n    g(Hello{1});\n  }\n  co_await h();\n}\n"), IsEmpty());
  EXPECT_THAT(findings_in("void f() {\n  while (co_await h()) {\n    g(Hello{1});\n  }\n}\n"), IsEmpty());
  EXPECT_THAT(findings_in("void f() {\n  if (!co_await h()) co_return Hello(1);\n  g(Hello{1});\n}\n"), IsEmpty());
}

TEST(CoAwaitTemporaries, LeavesSubscriptsAndLambdasWithoutCapturesAlone) {
  EXPECT_THAT(findings_in("void f() {\n  co_await send(rooms[1], names()[2]);\n}\n"), IsEmpty());
  EXPECT_THAT(findings_in("void f() {\n  co_await each([](int y) { go(Hello{y}); });\n}\n"), IsEmpty());
}

TEST(CoAwaitTemporaries, LeavesCommentsAndLiteralsAlone) {
  EXPECT_THAT(findings_in("// co_await send(Hello{1});\nauto s = \"co_await send(Hello{1})\";\n"), IsEmpty());
  EXPECT_THAT(findings_in("void f() {\n  co_await send(\"T{1}\", 'x');  // T{1}\n}\n"), IsEmpty());
}

TEST(CoAwaitTemporaries, SeesCodeWithoutCommentsAndLiterals) {
  EXPECT_EQ(blank_comments_and_literals("a /* b */ c"), "a         c");
  EXPECT_EQ(blank_comments_and_literals("a // b\nc"), "a     \nc");
  EXPECT_EQ(blank_comments_and_literals("f(\"\\\"a\", 1'000, 'b')"), "f(     , 1'000,    )");
  EXPECT_EQ(blank_comments_and_literals("f(R\"x(a\nb)x\", c)"), "f(     \n    , c)");
}

TEST(CoAwaitTemporaries, AFindingNamesFileAndLine) {
  const auto findings = findings_in("void f() {\n\n  co_await send(\n      Hello{name});\n}\n");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].line, 4u);
  EXPECT_THAT(findings[0].sentence, HasSubstr("name it in a variable first"));
}

}  // namespace
}  // namespace hubbub::checks
