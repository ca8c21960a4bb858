// What the table of settings looks like in print.
#pragma once

#include <string>
#include <string_view>

#include "proto/status.hpp"

namespace hubbub::server {

/// hubbubd.8, in the man macros of roff.
std::string manual_page();

/// `markdown`: a table for the documents; `toml`: a hubbubd.toml in which every key stands with its default.
/// Fails with invalid_argument for any other form.
Result<std::string> settings_as(std::string_view form);

}  // namespace hubbub::server
