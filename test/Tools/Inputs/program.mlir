// For the tests of the drivers.
sym.shared @total : tensor<f32> = dense<0.0>
sym.shared @m : tensor<?x2xf64> = dense<> : tensor<0x2xf64>

// Adds the elements; returns the sum from before.
sym.func @add(%x: tensor<?xf32>) -> tensor<f32> {
  %t = sym.read @total : tensor<f32>
  %n = linalg.reduce { arith.addf } ins(%x : tensor<?xf32>)
      outs(%t : tensor<f32>) dimensions = [0]
  sym.return %t : tensor<f32> updates(@total = %n : tensor<f32>)
}

sym.func @put(%x: tensor<?x2xf64>) -> (tensor<?x2xf64>, tensor<i1>) {
  %true = arith.constant dense<true> : tensor<i1>
  sym.return %x, %true : tensor<?x2xf64>, tensor<i1> updates(@m = %x : tensor<?x2xf64>)
}

sym.func @total_of_m() -> tensor<f64> {
  %m = sym.read @m : tensor<?x2xf64>
  %z = arith.constant dense<0.0> : tensor<f64>
  %n = linalg.reduce { arith.addf } ins(%m : tensor<?x2xf64>)
      outs(%z : tensor<f64>) dimensions = [0, 1]
  sym.return %n : tensor<f64>
}

sym.func @grow(%n: tensor<i64>) -> tensor<?xf64> {
  %k = tensor.extract %n[] : tensor<i64>
  %c0 = arith.constant 0 : i64
  %ok = arith.cmpi sge, %k, %c0 : i64
  sym.check %ok, "size {0} is negative" (%k : i64)
  %i = arith.index_cast %k : i64 to index
  %e = tensor.empty(%i) : tensor<?xf64>
  %one = arith.constant 1.0 : f64
  %f = linalg.fill ins(%one : f64) outs(%e : tensor<?xf64>) -> tensor<?xf64>
  sym.return %f : tensor<?xf64>
}

func.func @main() {
  %x = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %xd = tensor.cast %x : tensor<3xf32> to tensor<?xf32>
  %old = sym.call @add(%xd) : (tensor<?xf32>) -> tensor<f32>
  %now = sym.get_value @total : tensor<f32>
  sym.print "total " %now : tensor<f32>
  return
}
