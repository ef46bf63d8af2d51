// Twelve programs under faults (T4): in place, out of place, and into the
// caller's memory, every allocation fails once, the pool's cap is met at every
// height, and every check fails at every place. The call says so, no variable
// changes by a bit, nothing stays allocated, and the next call computes what
// the harness computes itself.
// RUN: sym-compile %s --emit=obj -o %t.o
// RUN: %cxx -std=c++17 -Wall -Wextra -Werror -I%sym_src/include \
// RUN:   %S/Inputs/faults.cpp %S/Inputs/harness.cpp %S/Inputs/cases.cpp %t.o -L%sym_obj/lib -lSymRuntime \
// RUN:   -Wl,--as-needed -L%llvm_lib -lopenblas -lomp -lmvec -lz -lm -lpthread -o %t.faults
// RUN: %t.faults | FileCheck %s
// RUN: env SYM_DEBUG_MEMORY=1 %t.faults | FileCheck %s
// The same while the system refuses pages, at every request.
// RUN: %cxx -std=c++17 -Wall -Wextra -Werror -I%sym_src/include \
// RUN:   %S/Inputs/system-faults.cpp %S/Inputs/harness.cpp %S/Inputs/cases.cpp %t.o -L%sym_obj/lib -lSymRuntime \
// RUN:   -Wl,--as-needed -L%llvm_lib -lopenblas -lomp -lmvec -lz -lm -lpthread -o %t.system
// RUN: %t.system | FileCheck %s --check-prefix=SYSTEM
// SYSTEM: {{^([3-9]|[1-9][0-9]+)}} requests for pages were refused

#id1 = affine_map<(i) -> (i)>

module @faults {
  // A step of linear regression with momentum.
  // CHECK: train: {{[1-9][0-9]*}} allocations failed, {{[1-9][0-9]*}} caps were met, 2 checks failed
  sym.shared @w : tensor<4x3xf64> = dense<0.0>
  sym.shared @velocity : tensor<4x3xf64> = dense<0.0>
  sym.shared @steps : tensor<i64> = dense<0>
  sym.func @train(%x: tensor<?x4xf64>, %y: tensor<?x3xf64>) -> tensor<?x3xf64> {
    %w = sym.read @w : tensor<4x3xf64>
    %v = sym.read @velocity : tensor<4x3xf64>
    %steps = sym.read @steps : tensor<i64>
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f64
    %n = tensor.dim %x, %c0 : tensor<?x4xf64>
    %z0 = tensor.empty(%n) : tensor<?x3xf64>
    %z1 = linalg.fill ins(%zero : f64) outs(%z0 : tensor<?x3xf64>) -> tensor<?x3xf64>
    %z = linalg.matmul ins(%x, %w : tensor<?x4xf64>, tensor<4x3xf64>) outs(%z1 : tensor<?x3xf64>) -> tensor<?x3xf64>
    %e = arith.subf %z, %y : tensor<?x3xf64>
    %t0 = tensor.empty(%n) : tensor<4x?xf64>
    %t = linalg.transpose ins(%x : tensor<?x4xf64>) outs(%t0 : tensor<4x?xf64>) permutation = [1, 0]
    %g0 = tensor.empty() : tensor<4x3xf64>
    %g1 = linalg.fill ins(%zero : f64) outs(%g0 : tensor<4x3xf64>) -> tensor<4x3xf64>
    %g = linalg.matmul ins(%t, %e : tensor<4x?xf64>, tensor<?x3xf64>) outs(%g1 : tensor<4x3xf64>) -> tensor<4x3xf64>
    %half = arith.constant dense<0.5> : tensor<4x3xf64>
    %hv = arith.mulf %v, %half : tensor<4x3xf64>
    %nv = arith.addf %hv, %g : tensor<4x3xf64>
    %rate = arith.constant dense<0.25> : tensor<4x3xf64>
    %d = arith.mulf %nv, %rate : tensor<4x3xf64>
    %nw = arith.subf %w, %d : tensor<4x3xf64>
    %one = arith.constant dense<1> : tensor<i64>
    %next = arith.addi %steps, %one : tensor<i64>
    sym.return %e : tensor<?x3xf64>
        updates(@w = %nw : tensor<4x3xf64>, @velocity = %nv : tensor<4x3xf64>, @steps = %next : tensor<i64>)
  }

  // Two variables change places, and the old value of one is handed out.
  // CHECK: swap: {{[1-9][0-9]*}} allocations failed, {{[1-9][0-9]*}} caps were met, 0 checks failed
  sym.shared @a : tensor<?xf32>
  sym.shared @b : tensor<?xf32>
  sym.func @swap() -> tensor<?xf32> {
    %a = sym.read @a : tensor<?xf32>
    %b = sym.read @b : tensor<?xf32>
    %steps = sym.read @steps : tensor<i64>
    %one = arith.constant dense<1> : tensor<i64>
    %next = arith.addi %steps, %one : tensor<i64>
    sym.return %a : tensor<?xf32>
        updates(@a = %b : tensor<?xf32>, @b = %a : tensor<?xf32>, @steps = %next : tensor<i64>)
  }

  // A value that grows, twice in a call.
  // CHECK: grow: {{[1-9][0-9]*}} allocations failed, {{[1-9][0-9]*}} caps were met, 0 checks failed
  sym.shared @log : tensor<?xi64>
  sym.func @grow(%x: tensor<?xi64>) {
    %log = sym.read @log : tensor<?xi64>
    %steps = sym.read @steps : tensor<i64>
    %c0 = arith.constant 0 : index
    %n = tensor.dim %log, %c0 : tensor<?xi64>
    %m = tensor.dim %x, %c0 : tensor<?xi64>
    %nm = arith.addi %n, %m : index
    %l0 = tensor.empty(%nm) : tensor<?xi64>
    %l1 = tensor.insert_slice %log into %l0[0] [%n] [1] : tensor<?xi64> into tensor<?xi64>
    %l = tensor.insert_slice %x into %l1[%n] [%m] [1] : tensor<?xi64> into tensor<?xi64>
    %nmm = arith.addi %nm, %m : index
    %k0 = tensor.empty(%nmm) : tensor<?xi64>
    %k1 = tensor.insert_slice %x into %k0[0] [%m] [1] : tensor<?xi64> into tensor<?xi64>
    %k = tensor.insert_slice %l into %k1[%m] [%nm] [1] : tensor<?xi64> into tensor<?xi64>
    %added = arith.index_cast %m : index to i64
    %t = tensor.from_elements %added : tensor<i64>
    %next = arith.addi %steps, %t : tensor<i64>
    sym.return updates(@log = %k : tensor<?xi64>, @steps = %next : tensor<i64>)
  }

  // Elements by indices that are data, of a table that doubles.
  // CHECK: gather: {{[1-9][0-9]*}} allocations failed, {{[1-9][0-9]*}} caps were met, 3 checks failed
  sym.shared @table : tensor<?xf64>
  sym.func @gather(%ids: tensor<?xi64>) -> tensor<?xf64> {
    %table = sym.read @table : tensor<?xf64>
    %steps = sym.read @steps : tensor<i64>
    %c0 = arith.constant 0 : index
    %n = tensor.dim %ids, %c0 : tensor<?xi64>
    %r0 = tensor.empty(%n) : tensor<?xf64>
    %r = linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]}
        ins(%ids : tensor<?xi64>) outs(%r0 : tensor<?xf64>) {
    ^bb0(%id: i64, %o: f64):
      %i = arith.index_cast %id : i64 to index
      %e = tensor.extract %table[%i] : tensor<?xf64>
      linalg.yield %e : f64
    } -> tensor<?xf64>
    %next = arith.addf %table, %table : tensor<?xf64>
    %one = arith.constant dense<1> : tensor<i64>
    %count = arith.addi %steps, %one : tensor<i64>
    sym.return %r : tensor<?xf64> updates(@table = %next : tensor<?xf64>, @steps = %count : tensor<i64>)
  }

  // Two checked inserts into two variables.
  // CHECK: inserts: {{[0-9]+}} allocations failed, {{[0-9]+}} caps were met, 4 checks failed
  sym.shared @p : tensor<?xi64>
  sym.shared @q : tensor<?xi64>
  sym.func @inserts(%i: tensor<i64>, %j: tensor<i64>, %x: tensor<i64>) {
    %p = sym.read @p : tensor<?xi64>
    %q = sym.read @q : tensor<?xi64>
    %i1 = tensor.extract %i[] : tensor<i64>
    %i2 = arith.index_cast %i1 : i64 to index
    %j1 = tensor.extract %j[] : tensor<i64>
    %j2 = arith.index_cast %j1 : i64 to index
    %v = tensor.extract %x[] : tensor<i64>
    %np = tensor.insert %v into %p[%i2] : tensor<?xi64>
    %nq = tensor.insert %v into %q[%j2] : tensor<?xi64>
    sym.return updates(@p = %np : tensor<?xi64>, @q = %nq : tensor<?xi64>)
  }

  // A chase of pointers that are state, counting visits; later iterations fail.
  // CHECK: chase: {{[0-9]+}} allocations failed, {{[0-9]+}} caps were met, 3 checks failed
  sym.shared @link : tensor<?xi64>
  sym.shared @visits : tensor<?xi64>
  sym.func @chase(%start: tensor<i64>, %count: tensor<i64>) -> tensor<i64> {
    %link = sym.read @link : tensor<?xi64>
    %visits = sym.read @visits : tensor<?xi64>
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %one = arith.constant 1 : i64
    %s = tensor.extract %start[] : tensor<i64>
    %n1 = tensor.extract %count[] : tensor<i64>
    %n = arith.index_cast %n1 : i64 to index
    %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%at = %s, %v = %visits, %l = %link)
        -> (i64, tensor<?xi64>, tensor<?xi64>) {
      %k = arith.index_cast %at : i64 to index
      %to = tensor.extract %l[%k] : tensor<?xi64>
      %old = tensor.extract %v[%k] : tensor<?xi64>
      %new = arith.addi %old, %one : i64
      %nv = tensor.insert %new into %v[%k] : tensor<?xi64>
      // The link behind it turns back, so that the way changes as it is gone.
      %nl = tensor.insert %at into %l[%k] : tensor<?xi64>
      scf.yield %to, %nv, %nl : i64, tensor<?xi64>, tensor<?xi64>
    }
    %end = tensor.from_elements %r#0 : tensor<i64>
    sym.return %end : tensor<i64> updates(@visits = %r#1 : tensor<?xi64>, @link = %r#2 : tensor<?xi64>)
  }

  // A product large enough for the library, of a variable with an argument.
  // CHECK: product: {{[1-9][0-9]*}} allocations failed, {{[1-9][0-9]*}} caps were met, 2 checks failed
  sym.shared @m : tensor<?x192xf64>
  sym.func @product(%x: tensor<192x?xf64>) {
    %m = sym.read @m : tensor<?x192xf64>
    %steps = sym.read @steps : tensor<i64>
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f64
    %n = tensor.dim %m, %c0 : tensor<?x192xf64>
    %square = tensor.cast %x : tensor<192x?xf64> to tensor<192x192xf64>
    %z0 = tensor.empty(%n) : tensor<?x192xf64>
    %z1 = linalg.fill ins(%zero : f64) outs(%z0 : tensor<?x192xf64>) -> tensor<?x192xf64>
    %z = linalg.matmul ins(%m, %square : tensor<?x192xf64>, tensor<192x192xf64>) outs(%z1 : tensor<?x192xf64>) -> tensor<?x192xf64>
    %one = arith.constant dense<1> : tensor<i64>
    %next = arith.addi %steps, %one : tensor<i64>
    sym.return updates(@m = %z : tensor<?x192xf64>, @steps = %next : tensor<i64>)
  }

  // Integers divided by integers, both of which are updated.
  // CHECK: divide: {{[0-9]+}} allocations failed, {{[0-9]+}} caps were met, 4 checks failed
  sym.func @divide(%x: tensor<?xi64>) {
    %p = sym.read @p : tensor<?xi64>
    %q = sym.read @q : tensor<?xi64>
    %steps = sym.read @steps : tensor<i64>
    %nq = arith.addi %q, %x : tensor<?xi64>
    %np = arith.divsi %p, %nq : tensor<?xi64>
    %one = arith.constant dense<1> : tensor<i64>
    %next = arith.addi %steps, %one : tensor<i64>
    sym.return updates(@steps = %next : tensor<i64>, @q = %nq : tensor<?xi64>, @p = %np : tensor<?xi64>)
  }

  // A loop that ends on the data and checks what it has come to.
  // CHECK: until: {{[0-9]+}} allocations failed, {{[0-9]+}} caps were met, 2 checks failed
  sym.func @until(%limit: tensor<i64>, %most: tensor<i64>) -> tensor<i64> {
    %p = sym.read @p : tensor<?xi64>
    %steps = sym.read @steps : tensor<i64>
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %zero = arith.constant 0 : i64
    %l = tensor.extract %limit[] : tensor<i64>
    %most1 = tensor.extract %most[] : tensor<i64>
    %r:3 = scf.while (%sum = %zero, %i = %c0, %t = %p) : (i64, index, tensor<?xi64>) -> (i64, index, tensor<?xi64>) {
      %more = arith.cmpi slt, %sum, %l : i64
      scf.condition(%more) %sum, %i, %t : i64, index, tensor<?xi64>
    } do {
    ^bb0(%sum: i64, %i: index, %t: tensor<?xi64>):
      %x = tensor.extract %t[%i] : tensor<?xi64>
      %new = arith.addi %sum, %x : i64
      %ok = arith.cmpi sle, %new, %most1 : i64
      sym.check %ok, "{0} exceeds {1}" (%new, %most1 : i64, i64)
      %u = tensor.insert %new into %t[%i] : tensor<?xi64>
      %j = arith.addi %i, %c1 : index
      scf.yield %new, %j, %u : i64, index, tensor<?xi64>
    }
    %sum = tensor.from_elements %r#0 : tensor<i64>
    %next = arith.addi %steps, %sum : tensor<i64>
    sym.return %sum : tensor<i64> updates(@p = %r#2 : tensor<?xi64>, @steps = %next : tensor<i64>)
  }

  // Temporaries whose sizes change within a loop.
  // CHECK: ragged: {{[1-9][0-9]*}} allocations failed, {{[1-9][0-9]*}} caps were met, 1 checks failed
  sym.func @ragged(%n: tensor<i64>) -> tensor<?xi64> {
    %p = sym.read @p : tensor<?xi64>
    %q = sym.read @q : tensor<?xi64>
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %n1 = tensor.extract %n[] : tensor<i64>
    %n2 = arith.index_cast %n1 : i64 to index
    %r = scf.for %i = %c0 to %n2 step %c1 iter_args(%t = %p) -> tensor<?xi64> {
      %k = arith.addi %i, %c1 : index
      %s = tensor.extract_slice %t[0] [%k] [1] : tensor<?xi64> to tensor<?xi64>
      %e = tensor.empty(%k) : tensor<?xi64>
      // Reversed, so that it cannot be computed where it lies.
      %d = linalg.generic {indexing_maps = [#id1], iterator_types = ["parallel"]} outs(%e : tensor<?xi64>) {
      ^bb0(%o: i64):
        %at = linalg.index 0 : index
        %from = arith.subi %i, %at : index
        %x = tensor.extract %s[%from] : tensor<?xi64>
        linalg.yield %x : i64
      } -> tensor<?xi64>
      %u = tensor.insert_slice %d into %t[0] [%k] [1] : tensor<?xi64> into tensor<?xi64>
      scf.yield %u : tensor<?xi64>
    }
    %nq = arith.addi %q, %q : tensor<?xi64>
    sym.return %q : tensor<?xi64> updates(@p = %r : tensor<?xi64>, @q = %nq : tensor<?xi64>)
  }

  // Double-buffered variables, of which one is replaced by the argument.
  // CHECK: rotate: {{[1-9][0-9]*}} allocations failed, {{[1-9][0-9]*}} caps were met, 1 checks failed
  sym.shared @now policy(double_buffer) : tensor<?x?xf32>
  sym.shared @before policy(double_buffer) : tensor<?x?xf32>
  sym.func @rotate(%x: tensor<?x?xf32>) -> (tensor<?x?xf32>, tensor<?x?xf32>) {
    %now = sym.read @now : tensor<?x?xf32>
    %before = sym.read @before : tensor<?x?xf32>
    %steps = sym.read @steps : tensor<i64>
    %sum = arith.addf %now, %x : tensor<?x?xf32>
    %one = arith.constant dense<1> : tensor<i64>
    %next = arith.addi %steps, %one : tensor<i64>
    sym.return %sum, %before : tensor<?x?xf32>, tensor<?x?xf32>
        updates(@now = %x : tensor<?x?xf32>, @before = %now : tensor<?x?xf32>, @steps = %next : tensor<i64>)
  }

  // An argument that is the function's to write.
  // CHECK: scale: {{[1-9][0-9]*}} allocations failed, {{[1-9][0-9]*}} caps were met, 1 checks failed
  sym.func @scale(%x: tensor<?xf64> {sym.borrow, sym.mutable}, %k: tensor<?xf64>) -> tensor<?xf64> {
    %table = sym.read @table : tensor<?xf64>
    %steps = sym.read @steps : tensor<i64>
    %y = arith.mulf %x, %k : tensor<?xf64>
    %one = arith.constant dense<1> : tensor<i64>
    %next = arith.addi %steps, %one : tensor<i64>
    sym.return %y : tensor<?xf64> updates(@table = %k : tensor<?xf64>, @steps = %next : tensor<i64>)
  }
  // CHECK: 12 programs
}
