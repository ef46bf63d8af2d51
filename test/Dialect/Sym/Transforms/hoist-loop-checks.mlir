// RUN: sym-opt %s --sym-hoist-loop-checks --split-input-file | FileCheck %s

// T4: indices that do not depend on what the loop computes are checked first,
// with the branch and the inner loop that decide whether.
// CHECK-LABEL: func.func @scatter(
// CHECK: scf.for %[[I:.*]] = %{{.*}} to %{{.*}} step %{{.*}} {
// CHECK-NEXT: tensor.extract %{{.*}}[%[[I]]]
// CHECK: scf.if
// CHECK: scf.for
// CHECK: sym.check %{{.*}}, kind(index) "out of range"
// CHECK-NOT: tensor.insert
// CHECK: scf.for {{.*}} iter_args
// CHECK-NOT: sym.check
// CHECK: tensor.insert
// CHECK: return
func.func @scatter(%indices: tensor<?xi64>, %s: tensor<?xf32>, %n: index) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %x = arith.constant 1.0 : f32
  %size = tensor.dim %s, %c0 : tensor<?xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %s) -> tensor<?xf32> {
    %v = tensor.extract %indices[%i] : tensor<?xi64>
    %k = arith.index_cast %v : i64 to index
    %some = arith.cmpi ne, %k, %c0 : index
    %u = scf.if %some -> tensor<?xf32> {
      %w = scf.for %j = %c0 to %k step %c1 iter_args(%q = %t) -> tensor<?xf32> {
        %l = arith.addi %j, %k : index
        %ok = arith.cmpi ult, %l, %size : index
        sym.check %ok, kind(index) "out of range"
        %p = tensor.insert %x into %q[%l] : tensor<?xf32>
        scf.yield %p : tensor<?xf32>
      }
      scf.yield %w : tensor<?xf32>
    } else {
      scf.yield %t : tensor<?xf32>
    }
    scf.yield %u : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// -----

// One check that depends on what the loop carries keeps all where they are,
// since what a check guards stays behind it.
// CHECK-LABEL: func.func @carried(
// CHECK: scf.for {{.*}} iter_args
// CHECK: sym.check %{{.*}}, "first"
// CHECK: sym.check %{{.*}}, "second"
func.func @carried(%indices: tensor<4xindex>, %s: tensor<4xindex>) -> tensor<4xindex> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%t = %s) -> tensor<4xindex> {
    %v = tensor.extract %indices[%i] : tensor<4xindex>
    %ok = arith.cmpi ult, %v, %c4 : index
    sym.check %ok, "first"
    %w = tensor.extract %t[%v] : tensor<4xindex>
    %ok2 = arith.cmpi ult, %w, %c4 : index
    sym.check %ok2, "second"
    %u = tensor.insert %i into %t[%w] : tensor<4xindex>
    scf.yield %u : tensor<4xindex>
  }
  return %r : tensor<4xindex>
}

// -----

// T10: what a host program prints before a check fails, it prints.
// CHECK-LABEL: func.func @host(
// CHECK: scf.for {{.*}} iter_args
// CHECK: sym.print
// CHECK: sym.check
func.func @host(%indices: tensor<4xindex>, %s: tensor<4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %x = arith.constant 1.0 : f32
  %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%t = %s) -> tensor<4xf32> {
    sym.print %s : tensor<4xf32>
    %v = tensor.extract %indices[%i] : tensor<4xindex>
    %ok = arith.cmpi ult, %v, %c4 : index
    sym.check %ok, "out of range"
    %u = tensor.insert %x into %t[%v] : tensor<4xf32>
    scf.yield %u : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}
