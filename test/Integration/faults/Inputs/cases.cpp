//===- cases.cpp - Twelve programs and what they compute ------------------===//
//
// Every number is one that its type holds exactly, so that the order of sums
// does not matter and the oracle can demand every bit.
//
//===----------------------------------------------------------------------===//

#include "faults.h"

namespace {
using Ints = std::vector<int64_t>;
using Doubles = std::vector<double>;
using Floats = std::vector<float>;

Doubles someDoubles(size_t count, int seed, int range) {
  Doubles data(count);
  for (size_t i = 0; i < count; ++i)
    data[i] = double((int64_t(i) * 7 + seed * 13) % range - range / 2);
  return data;
}

/// C (n×m) = A (n×k) B (k×m).
Doubles product(const Doubles &a, const Doubles &b, size_t n, size_t k,
                size_t m) {
  Doubles c(n * m);
  for (size_t i = 0; i < n; ++i)
    for (size_t l = 0; l < k; ++l)
      for (size_t j = 0; j < m; ++j)
        c[i * m + j] += a[i * k + l] * b[l * m + j];
  return c;
}

Doubles transposed(const Doubles &a, size_t n, size_t m) {
  Doubles t(n * m);
  for (size_t i = 0; i < n; ++i)
    for (size_t j = 0; j < m; ++j)
      t[j * n + i] = a[i * m + j];
  return t;
}

Case train() {
  const size_t n = 200;
  Doubles w = someDoubles(12, 1, 5), v = someDoubles(12, 2, 9),
          x = someDoubles(n * 4, 3, 7), y = someDoubles(n * 3, 4, 11);
  Doubles e = product(x, w, n, 4, 3);
  for (size_t i = 0; i < e.size(); ++i)
    e[i] -= y[i];
  Doubles g = product(transposed(x, n, 4), e, 4, n, 3), nv(12), nw(12);
  for (size_t i = 0; i < 12; ++i) {
    nv[i] = v[i] * 0.5 + g[i];
    nw[i] = w[i] - nv[i] * 0.25;
  }
  Value vx({int64_t(n), 4}, x), vy({int64_t(n), 3}, y);
  Value fewer({3, 3}, Doubles(9)), none({0, 3}, Doubles());
  return {"train",
          {{"w", Value({4, 3}, w)},
           {"velocity", Value({4, 3}, v)},
           {"steps", scalar<int64_t>(41)}},
          {vx, vy},
          {{"w", Value({4, 3}, nw)},
           {"velocity", Value({4, 3}, nv)},
           {"steps", scalar<int64_t>(42)}},
          {Value({int64_t(n), 3}, e)},
          {{{vx, fewer}, SYM_SHAPE_MISMATCH, "has size 3"},
           {{vx, none}, SYM_SHAPE_MISMATCH, "has size 0"}}};
}

Case swap() {
  Value a = vector<float>(Floats(3000, 1.5f)), b = vector<float>({1, 2, 3});
  return {"swap", {{"a", a}, {"b", b}, {"steps", scalar<int64_t>(-1)}},
          {},     {{"a", b}, {"b", a}, {"steps", scalar<int64_t>(0)}},
          {a},    {}};
}

Case grow() {
  Ints log(700), x(900), all;
  for (size_t i = 0; i < log.size(); ++i)
    log[i] = int64_t(i) * 3;
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = -int64_t(i);
  all = x;
  all.insert(all.end(), log.begin(), log.end());
  all.insert(all.end(), x.begin(), x.end());
  return {"grow",      {{"log", vector(log)}, {"steps", scalar<int64_t>(5)}},
          {vector(x)}, {{"log", vector(all)}, {"steps", scalar<int64_t>(905)}},
          {},          {}};
}

Case gather() {
  Doubles table = someDoubles(1000, 5, 101), doubled(1000), found;
  Ints ids;
  for (int64_t i = 0; i < 700; ++i)
    ids.push_back(i * 37 % 1000);
  for (size_t i = 0; i < table.size(); ++i)
    doubled[i] = 2 * table[i];
  for (int64_t id : ids)
    found.push_back(table[size_t(id)]);
  Ints high = ids, low = ids, first = ids;
  high.back() = 1000;
  low[350] = -1;
  first[0] = INT64_MAX;
  return {
      "gather",
      {{"table", vector(table)}, {"steps", scalar<int64_t>(8)}},
      {vector(ids)},
      {{"table", vector(doubled)}, {"steps", scalar<int64_t>(9)}},
      {vector(found)},
      {{{vector(high)}, SYM_INDEX_OUT_OF_RANGE, "index 1000"},
       {{vector(low)}, SYM_INDEX_OUT_OF_RANGE, "index -1"},
       {{vector(first)}, SYM_INDEX_OUT_OF_RANGE, "index 9223372036854775807"}}};
}

Case inserts() {
  Ints p = {1, 2, 3}, q = {4, 5, 6, 7}, np = p, nq = q;
  np[2] = nq[0] = 99;
  auto arguments = [](int64_t i, int64_t j) {
    return Values{scalar(i), scalar(j), scalar<int64_t>(99)};
  };
  return {"inserts",
          {{"p", vector(p)}, {"q", vector(q)}},
          arguments(2, 0),
          {{"p", vector(np)}, {"q", vector(nq)}},
          {},
          {{arguments(3, 0), SYM_INDEX_OUT_OF_RANGE, "index 3"},
           {arguments(-1, 0), SYM_INDEX_OUT_OF_RANGE, "index -1"},
           {arguments(2, 4), SYM_INDEX_OUT_OF_RANGE, "index 4"},
           {arguments(0, -9), SYM_INDEX_OUT_OF_RANGE, "index -9"}}};
}

Case chase() {
  Ints link = {3, 2, 4, 1, 0}, visits(5), links = link, counts = visits;
  int64_t at = 0;
  for (int i = 0; i < 7; ++i) {
    int64_t to = links[size_t(at)];
    ++counts[size_t(at)];
    links[size_t(at)] = at;
    at = to;
  }
  Ints broken = link, negative = link;
  broken[4] = 5;    // reached in the fifth iteration
  negative[1] = -1; // in the third
  Values arguments = {scalar<int64_t>(0), scalar<int64_t>(7)};
  return {"chase",
          {{"link", vector(link)}, {"visits", vector(visits)}},
          arguments,
          {{"link", vector(links)}, {"visits", vector(counts)}},
          {scalar(at)},
          {{arguments,
            SYM_INDEX_OUT_OF_RANGE,
            "index 5",
            {{"link", vector(broken)}}},
           {arguments,
            SYM_INDEX_OUT_OF_RANGE,
            "index -1",
            {{"link", vector(negative)}}},
           // One variable is shorter than the other.
           {arguments,
            SYM_INDEX_OUT_OF_RANGE,
            "index 4",
            {{"visits", vector(Ints(4))}}}}};
}

Case product() {
  const int64_t n = 192;
  Doubles m = someDoubles(n * n, 6, 7), x = someDoubles(n * n, 7, 9);
  return {
      "product",
      {{"m", Value({n, n}, m)}, {"steps", scalar<int64_t>(0)}},
      {Value({n, n}, x)},
      {{"m", Value({n, n}, product(m, x, n, n, n))},
       {"steps", scalar<int64_t>(1)}},
      {},
      {{{Value({n, n - 1}, Doubles(n * (n - 1)))}, SYM_SHAPE_MISMATCH, "191"},
       {{Value({n, 0}, Doubles())}, SYM_SHAPE_MISMATCH, "0"}}};
}

Case divide() {
  Ints p = {100, -7, 9, INT64_MIN, 5}, q = {1, 2, 3, 4, 5},
       x = {2, 0, -6, -2, 1}, np, nq;
  for (size_t i = 0; i < p.size(); ++i) {
    nq.push_back(q[i] + x[i]);
    np.push_back(p[i] / nq.back());
  }
  auto with = [&](size_t at, int64_t value) {
    Ints changed = x;
    changed[at] = value;
    return Values{vector(changed)};
  };
  return {"divide",
          {{"p", vector(p)}, {"q", vector(q)}, {"steps", scalar<int64_t>(1)}},
          {vector(x)},
          {{"p", vector(np)}, {"q", vector(nq)}, {"steps", scalar<int64_t>(2)}},
          {},
          {{with(0, -1), SYM_DIVISION_BY_ZERO, "100 is divided by zero"},
           {with(4, -5), SYM_DIVISION_BY_ZERO, "5 is divided by zero"},
           {with(3, -5), SYM_DIVISION_BY_ZERO, "overflows"},
           {{vector(Ints{1, 2})}, SYM_SHAPE_MISMATCH, "has size 2"}}};
}

Case until() {
  Ints p = {5, 6, 7, 8}, np = {5, 11, 18, 8};
  Values arguments = {scalar<int64_t>(12), scalar<int64_t>(100)};
  return {"until",
          {{"p", vector(p)}, {"steps", scalar<int64_t>(1)}},
          arguments,
          {{"p", vector(np)}, {"steps", scalar<int64_t>(19)}},
          {scalar<int64_t>(18)},
          {{{scalar<int64_t>(12), scalar<int64_t>(17)},
            SYM_CHECK_FAILED,
            "18 exceeds 17"},
           {{scalar<int64_t>(100), scalar<int64_t>(100)},
            SYM_INDEX_OUT_OF_RANGE,
            "index 4"}}};
}

Case ragged() {
  Ints p, q = {1, 2}, np;
  for (int64_t i = 0; i < 1500; ++i)
    p.push_back(i);
  np = p;
  const size_t n = 6;
  for (size_t k = 1; k <= n; ++k)
    for (size_t i = 0; i < k / 2; ++i)
      std::swap(np[i], np[k - 1 - i]);
  return {"ragged",
          {{"p", vector(p)}, {"q", vector(q)}},
          {scalar<int64_t>(n)},
          {{"p", vector(np)}, {"q", vector(Ints{2, 4})}},
          {vector(q)},
          {{{scalar<int64_t>(1501)}, SYM_INDEX_OUT_OF_RANGE, "1501"}}};
}

Case rotate() {
  Floats now(3000, 2.0f), before(6, 1.0f), x(3000, 0.25f), sum(3000, 2.25f);
  Value vnow({60, 50}, now), vbefore({2, 3}, before), vx({60, 50}, x);
  return {"rotate",
          {{"now", vnow}, {"before", vbefore}, {"steps", scalar<int64_t>(0)}},
          {vx},
          {{"now", vx}, {"before", vnow}, {"steps", scalar<int64_t>(1)}},
          {Value({60, 50}, sum), vbefore},
          {{{Value({50, 60}, x)}, SYM_SHAPE_MISMATCH, "50"}}};
}

Case scale() {
  Doubles x = someDoubles(2000, 8, 50), k = someDoubles(2000, 9, 20), y;
  for (size_t i = 0; i < x.size(); ++i)
    y.push_back(x[i] * k[i]);
  return {"scale",
          {{"table", vector(Doubles{1})}, {"steps", scalar<int64_t>(0)}},
          {vector(x), vector(k)},
          {{"table", vector(k)}, {"steps", scalar<int64_t>(1)}},
          {vector(y)},
          {{{vector(x), vector(Doubles(1999))}, SYM_SHAPE_MISMATCH, "1999"}}};
}
} // namespace

std::vector<Case> allCases() {
  return {train(),   swap(),   grow(),  gather(), inserts(), chase(),
          product(), divide(), until(), ragged(), rotate(),  scale()};
}
