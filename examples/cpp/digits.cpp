// Trains examples/digits.mlir from C++, without MLIR, and classifies.
//
//   sym-compile examples/digits.mlir --emit=obj -o digits.o
//   c++ -std=c++17 -Iinclude examples/cpp/digits.cpp digits.o
//       -Lbuild/release/lib -lSymRuntime -lopenblas -lomp -lmvec -lz -lm
//   ./a.out examples/data/digits.npz

#include "sym/Runtime/sym.hpp"

#include <iostream>

extern "C" const sym_program sym_program_digits;

int main(int argc, char **argv) {
  try {
    sym::Instance digits(sym_program_digits);
    digits.load(argc > 1 ? argv[1] : "digits.npz", /*partial=*/true);

    sym::Function train = digits.function("train");
    sym::Function loss = digits.function("loss");
    sym::Array before = digits.variable("W").borrow();
    int64_t batches = digits.function("batches").call().item<int64_t>();
    for (int epoch = 0; epoch < 5; ++epoch) {
      for (int64_t batch = 0; batch < batches; ++batch)
        train.call(batch, 0.1f);
      std::cout << "loss: " << loss.call().str() << "\n";
    }
    // What was borrowed has not changed (B2).
    std::cout << "before: " << before.item<float>() << "\n";

    // A call that fails changes nothing (T4) and tells why.
    try {
      train.call(batches + 5, 0.1f);
    } catch (const sym::Error &error) {
      std::cout << "as expected: " << sym_status_name(error.status()) << "\n";
    }
    std::cout << "loss: " << loss.call().str() << "\n";

    sym::Array classes = digits.function("classify").call();
    std::cout << classes.size() << " images, accuracy "
              << digits.function("accuracy").call(classes).str() << "\n";
  } catch (const std::exception &error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
