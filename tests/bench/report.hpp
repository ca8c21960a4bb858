// What came out: figures of each workload, contender and run; medians, ratios and bars made of them.
//   Workload, Metrics of each run --> Results --> a table for people, JSON for programs
#pragma once

#include <cmath>
#include <iosfwd>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/plan.hpp"

namespace hubbub::bench {

/// Of one contender in one workload.
struct Outcome {
  std::vector<std::optional<Metrics>> runs;  ///< by run; nothing where the run failed
  std::string failure;                       ///< the last one's sentence; empty: none
};

/// All of one workload, by contender.
struct Result {
  const Workload* workload = nullptr;
  std::map<std::string, Outcome> outcomes;
};

/// NaN without samples.
double median(std::vector<double> samples);
double median_of(const Result& result, const std::string& contender, const std::string& figure);

struct Judged {
  Bar bar;
  double value = std::nan("");  ///< the median over the runs, of the ratio where there is one; NaN: not measured
  [[nodiscard]] bool is_measured() const { return !std::isnan(value); }
  [[nodiscard]] bool is_met() const;
};
std::vector<Judged> judge(const Result& result);

void print(std::ostream& out, const Result& result);
void print_summary(std::ostream& out, const std::vector<Result>& results);
nlohmann::json to_json(const Result& result);

}  // namespace hubbub::bench
