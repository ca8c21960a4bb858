// Replays a seed of the simulation, or looks for one that fails.
//   simulate --seed N [--mutant NAME]          tells what happens, and what was found
//   simulate --seeds N [--from SEED] [--mutant NAME]   runs so many and prints each that fails
#include <cstdio>
#include <cstdlib>
#include <map>

#include "tests/sim/simulation.hpp"

namespace {

using namespace hubbub::sim;

[[noreturn]] void usage() {
  std::fprintf(stderr, "usage: simulate (--seed N | --seeds COUNT [--from SEED]) [--mutant NAME]\nmutants:");
  for (const auto name : mutant_names) std::fprintf(stderr, " %s", std::string(name).c_str());
  std::fputc('\n', stderr);
  std::exit(64);
}

Mutant mutant_of(const std::string& name) {
  for (std::size_t i = 0; i < mutant_names.size(); ++i)
    if (mutant_names[i] == name) return static_cast<Mutant>(i);
  usage();
}

bool report(std::uint64_t seed, const Outcome& outcome) {
  if (outcome.is_well()) return true;
  std::printf("seed %llu:\n%s", static_cast<unsigned long long>(seed), outcome.text().c_str());
  return false;
}

}  // namespace

int main(int count, char** arguments) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  std::map<std::string, std::string> options{{"--mutant", "none"}, {"--from", "1"}};
  for (int at = 1; at + 1 < count; at += 2) options[arguments[at]] = arguments[at + 1];
  const auto mutant = mutant_of(options["--mutant"]);
  const auto number = [&](const char* name) { return std::strtoull(options[name].c_str(), nullptr, 10); };
  if (count % 2 == 0) usage();
  if (options.contains("--seed")) return report(number("--seed"), simulate(number("--seed"), mutant, true)) ? 0 : 1;
  if (!options.contains("--seeds")) usage();
  std::uint64_t failed = 0;
  const auto first = number("--from");
  for (auto seed = first; seed < first + number("--seeds"); ++seed)
    failed += report(seed, simulate(seed, mutant)) ? 0U : 1U;
  std::printf("%llu of %llu seeds failed\n", static_cast<unsigned long long>(failed), number("--seeds"));
  return failed == 0 ? 0 : 1;
}
