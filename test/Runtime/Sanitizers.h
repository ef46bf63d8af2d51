//===- Sanitizers.h - What a test must know of its build --------*- C++ -*-===//

#ifndef SYM_TEST_RUNTIME_SANITIZERS_H
#define SYM_TEST_RUNTIME_SANITIZERS_H

// Defined under the address and thread sanitizers: loops are cut short.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SYM_SLOW
#endif
#endif

#endif // SYM_TEST_RUNTIME_SANITIZERS_H
