#include "client/cli/ipc/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "client/cli/ipc/log_scale.hpp"

namespace hubbub::ipc {

namespace {

constexpr std::size_t name_columns = 10;
/// Of the numbers, and what is left to the bars.
constexpr std::size_t table_columns = name_columns + 8 + 9 + 13 + 8 + 3;
constexpr std::size_t bar_columns_min = 26;  ///< so that what stands above them fits
constexpr std::size_t bar_columns_max = 80;

constexpr std::string_view dim = "\x1b[2m", cyan = "\x1b[36m", reset = "\x1b[0m";

std::string painted(std::string text, std::string_view code, const Look& look) {
  return look.color && !text.empty() ? std::string(code) + text + std::string(reset) : text;
}

std::string three_digits(double value) {
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f}", value, decimals);
}

std::string repeated(std::string_view sign, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += sign;
  return text;
}

/// None if nothing was measured, or there is no room for bars.
std::optional<LogScale> scale_of(const std::vector<Row>& rows, const Look& look) {
  if (look.columns < table_columns + bar_columns_min) return std::nullopt;
  std::vector<double> values;
  for (const auto& row : rows)
    if (row.figures)
      for (const auto time : {row.figures->p50, row.figures->p99}) values.push_back(static_cast<double>(time.count()));
  if (values.empty()) return std::nullopt;
  return LogScale(values, std::min(look.columns - table_columns, bar_columns_max));
}

std::string bar(const Figures& figures, const LogScale& scale, const Look& look) {
  const auto p50 = std::max<std::size_t>(1, scale.column_of(static_cast<double>(figures.p50.count())));
  const auto p99 = std::max(p50, scale.column_of(static_cast<double>(figures.p99.count())));
  return painted(repeated(look.utf8 ? "█" : "#", p50), cyan, look) +
         painted(repeated(look.utf8 ? "░" : "-", p99 - p50), dim, look);
}

/// The powers of ten in microseconds, each above the column where it lies, as far as there is room.
std::string axis(const LogScale& scale) {
  std::string text;
  for (const auto ns : scale.powers()) {
    const auto label = fmt::format("{:g}", ns / 1000);
    const auto column = scale.column_of(ns);
    if (!text.empty() && (column <= text.size() || column + label.size() > scale.columns())) continue;
    text.append(column - text.size(), ' ').append(label);
  }
  return text;
}

std::string line(const Row& row, const std::optional<LogScale>& scale, const Look& look) {
  if (!row.figures) return fmt::format("{:<{}}{}", row.mechanism, name_columns, row.figures.error().sentence);
  const auto& figures = *row.figures;
  return fmt::format("{:<{}}{:>8}{:>9}{:>13}{:>8}", row.mechanism, name_columns, show_microseconds(figures.p50),
                     show_microseconds(figures.p99), show_rate(figures.messages_per_second()),
                     three_digits(figures.megabytes_per_second())) +
         (scale ? "   " + bar(figures, *scale, look) : "");
}

std::string heading(const std::optional<LogScale>& scale, const Look& look) {
  const auto* const unit = look.utf8 ? "µs" : "us";
  const auto above = fmt::format("{:<{}}{:>17}{:>21}", "", name_columns, "ROUND TRIP", "ONE WAY") +
                     (scale ? fmt::format("   p50 and p99 {}, log scale", unit) : "");
  const auto below = fmt::format("{:<{}}{:>8}{:>9}{:>13}{:>8}", "", name_columns, fmt::format("p50 {}", unit),
                                 fmt::format("p99 {}", unit), "messages/s", "MB/s") +
                     (scale ? "   " + axis(*scale) : "");
  return painted(above, dim, look) + "\n" + painted(below, dim, look) + "\n";
}

}  // namespace

std::string show_microseconds(std::chrono::nanoseconds time) {
  return three_digits(static_cast<double>(time.count()) / 1000);
}

std::string show_rate(double per_second) {
  if (per_second < 999.5) return fmt::format("{:.0f}", per_second);
  if (per_second < 999.5e3) return three_digits(per_second / 1e3) + " k";
  return three_digits(per_second / 1e6) + " M";
}

std::string headline(const Machine& machine, std::size_t message_bytes) {
  return fmt::format("Two processes, {} CPU{} (load average before: {:.2f}), messages of {} bytes.", machine.cpus,
                     machine.cpus == 1 ? "" : "s", machine.load, message_bytes);
}

std::string chart(const std::vector<Row>& rows, const Look& look) {
  const auto scale = scale_of(rows, look);
  const bool any = std::ranges::any_of(rows, [](const Row& row) { return row.figures.has_value(); });
  std::string text = any ? heading(scale, look) : "";
  for (const auto& row : rows) text += line(row, scale, look) + "\n";
  return text;
}

}  // namespace hubbub::ipc
