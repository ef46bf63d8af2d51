//===- Config.cpp - What the simulated driver pretends to be --------------===//

#include "Config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

using namespace sym::sim;

namespace {
struct Option {
  const char *name;
  int64_t Config::*field;
  int64_t least;
  int64_t greatest;
};
} // namespace

static const Option kOptions[] = {
    {"devices", &Config::devices, 0, kMaxDevices},
    {"seed", &Config::seed, 0, INT64_MAX},
    {"memory", &Config::memory, 0, int64_t(kArenaBytes / 4)},
    {"workers", &Config::workers, 0, 64},
    {"arch", &Config::arch, 10, 999},
    {"driver-version", &Config::driverVersion, 1000, 99999},
    {"init-error", &Config::initError, 0, 999},
    {"lag-us", &Config::lagMicroseconds, 0, 60000000},
    {"max-pending", &Config::maxPending, 1, 1 << 20},
    {"bounds", &Config::bounds, 0, 1},
    {"barriers", &Config::barriers, 0, 1},
    {"races", &Config::races, 0, 1},
    {"poison", &Config::poison, 0, 1},
    {"verbose", &Config::verbose, 0, 1},
};

static bool parseNumber(const std::string &text, int64_t least,
                        int64_t greatest, int64_t *value) {
  char *end;
  errno = 0;
  long long number = strtoll(text.c_str(), &end, 0);
  if (errno || end == text.c_str() || *end || number < least ||
      number > greatest)
    return false;
  *value = number;
  return true;
}

bool Config::parse(const char *text, std::string *why) {
  while (*text) {
    size_t length = strcspn(text, ",");
    std::string item(text, length);
    text += length + (text[length] == ',');
    if (item.empty())
      continue;
    size_t equals = item.find('=');
    std::string name = item.substr(0, equals);
    std::string value =
        equals == std::string::npos ? "" : item.substr(equals + 1);
    bool good = false;
    if (name == "fail-call") {
      // call:error
      size_t colon = value.find(':');
      good = colon != std::string::npos &&
             parseNumber(value.substr(0, colon), 0, INT64_MAX, &failCall) &&
             parseNumber(value.substr(colon + 1), 1, 999, &failError);
    }
    for (const Option &option : kOptions)
      if (name == option.name)
        good = parseNumber(value, option.least, option.greatest,
                           &(this->*option.field));
    if (!good) {
      *why = "simulated driver: no such option or value: '" + item + "'";
      return false;
    }
  }
  return true;
}
