// The widest floats: LLVM has no instructions for their extrema. NaN if one is;
// -0 is below +0.

// RUN: sym-runner %s | FileCheck %s

sym.func @extrema_f80(%x: tensor<?xf64>, %y: tensor<?xf64>) -> (tensor<?xf64>, tensor<?xf64>) {
  %a = arith.extf %x : tensor<?xf64> to tensor<?xf80>
  %b = arith.extf %y : tensor<?xf64> to tensor<?xf80>
  %max = arith.maximumf %a, %b : tensor<?xf80>
  %min = arith.minimumf %a, %b : tensor<?xf80>
  %p = arith.truncf %max : tensor<?xf80> to tensor<?xf64>
  %q = arith.truncf %min : tensor<?xf80> to tensor<?xf64>
  sym.return %p, %q : tensor<?xf64>, tensor<?xf64>
}

sym.func @reduced_f80(%x: tensor<?xf64>) -> (tensor<f64>, tensor<f64>) {
  %low = arith.constant dense<0.0> : tensor<f80>
  %a = arith.extf %x : tensor<?xf64> to tensor<?xf80>
  %max = linalg.reduce { arith.maximumf } ins(%a : tensor<?xf80>) outs(%low : tensor<f80>) dimensions = [0]
  %min = linalg.reduce { arith.minimumf } ins(%a : tensor<?xf80>) outs(%low : tensor<f80>) dimensions = [0]
  %p = arith.truncf %max : tensor<f80> to tensor<f64>
  %q = arith.truncf %min : tensor<f80> to tensor<f64>
  sym.return %p, %q : tensor<f64>, tensor<f64>
}

sym.func @extrema_f128(%x: tensor<?xf64>, %y: tensor<?xf64>) -> (tensor<?xf64>, tensor<?xf64>) {
  %a = arith.extf %x : tensor<?xf64> to tensor<?xf128>
  %b = arith.extf %y : tensor<?xf64> to tensor<?xf128>
  %max = arith.maximumf %a, %b : tensor<?xf128>
  %min = arith.minimumf %a, %b : tensor<?xf128>
  %p = arith.truncf %max : tensor<?xf128> to tensor<?xf64>
  %q = arith.truncf %min : tensor<?xf128> to tensor<?xf64>
  sym.return %p, %q : tensor<?xf64>, tensor<?xf64>
}

sym.func @reduced_f128(%x: tensor<?xf64>) -> (tensor<f64>, tensor<f64>) {
  %low = arith.constant dense<0.0> : tensor<f128>
  %a = arith.extf %x : tensor<?xf64> to tensor<?xf128>
  %max = linalg.reduce { arith.maximumf } ins(%a : tensor<?xf128>) outs(%low : tensor<f128>) dimensions = [0]
  %min = linalg.reduce { arith.minimumf } ins(%a : tensor<?xf128>) outs(%low : tensor<f128>) dimensions = [0]
  %p = arith.truncf %max : tensor<f128> to tensor<f64>
  %q = arith.truncf %min : tensor<f128> to tensor<f64>
  sym.return %p, %q : tensor<f64>, tensor<f64>
}

func.func @main() {
  %x = arith.constant dense<[1.5, -0.0, 0.0, 3.0, -2.0, 0.0, -0.0, 0x7FF8000000000000, 1.0, 0x7FF0000000000000, 0xFFF0000000000000]> : tensor<11xf64>
  %y = arith.constant dense<[-2.5, 0.0, -0.0, 3.0, 7.0, 0.0, -0.0, 1.0, 0x7FF8000000000000, 0xFFF0000000000000, 0xFFF0000000000000]> : tensor<11xf64>
  %u = tensor.cast %x : tensor<11xf64> to tensor<?xf64>
  %v = tensor.cast %y : tensor<11xf64> to tensor<?xf64>
  // CHECK: max of f80 [ 1.5  0.   0.   3.   7.   0.  -0.   nan  nan  inf -inf]
  // CHECK: min of f80 [-2.5 -0.  -0.   3.  -2.   0.  -0.   nan  nan -inf -inf]
  %max0, %min0 = sym.call @extrema_f80(%u, %v) : (tensor<?xf64>, tensor<?xf64>) -> (tensor<?xf64>, tensor<?xf64>)
  sym.print "max of f80 " %max0 : tensor<?xf64>
  sym.print "min of f80 " %min0 : tensor<?xf64>
  // CHECK: max of f128 [ 1.5  0.   0.   3.   7.   0.  -0.   nan  nan  inf -inf]
  // CHECK: min of f128 [-2.5 -0.  -0.   3.  -2.   0.  -0.   nan  nan -inf -inf]
  %max1, %min1 = sym.call @extrema_f128(%u, %v) : (tensor<?xf64>, tensor<?xf64>) -> (tensor<?xf64>, tensor<?xf64>)
  sym.print "max of f128 " %max1 : tensor<?xf64>
  sym.print "min of f128 " %min1 : tensor<?xf64>
  %few = arith.constant dense<[-2.5, 4.0, 1.0]> : tensor<3xf64>
  %w = tensor.cast %few : tensor<3xf64> to tensor<?xf64>
  // CHECK: reduced f80 4.0
  // CHECK: reduced f80 -2.5
  // CHECK: reduced f80 nan
  %p0, %q0 = sym.call @reduced_f80(%w) : (tensor<?xf64>) -> (tensor<f64>, tensor<f64>)
  sym.print "reduced f80 " %p0 : tensor<f64>
  sym.print "reduced f80 " %q0 : tensor<f64>
  %r0, %s0 = sym.call @reduced_f80(%u) : (tensor<?xf64>) -> (tensor<f64>, tensor<f64>)
  sym.print "reduced f80 " %r0 : tensor<f64>
  // CHECK: reduced f128 4.0
  // CHECK: reduced f128 -2.5
  // CHECK: reduced f128 nan
  %p1, %q1 = sym.call @reduced_f128(%w) : (tensor<?xf64>) -> (tensor<f64>, tensor<f64>)
  sym.print "reduced f128 " %p1 : tensor<f64>
  sym.print "reduced f128 " %q1 : tensor<f64>
  %r1, %s1 = sym.call @reduced_f128(%u) : (tensor<?xf64>) -> (tensor<f64>, tensor<f64>)
  sym.print "reduced f128 " %r1 : tensor<f64>
  return
}
