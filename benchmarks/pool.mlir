// A history that grows by what it is given, and values that replace each other:
// programs whose allocations benchmarks/Pool.cpp records.
sym.shared @history : tensor<?xf64> = dense<> : tensor<0xf64>
sym.shared @value : tensor<?xf64> = dense<> : tensor<0xf64>

// Appends; returns the sum of what was there.
sym.func @append(%x: tensor<?xf64>) -> tensor<f64> {
  %h = sym.read @history : tensor<?xf64>
  %new = tensor.concat dim(0) %h, %x
      : (tensor<?xf64>, tensor<?xf64>) -> tensor<?xf64>
  %z = arith.constant dense<0.0> : tensor<f64>
  %sum = linalg.reduce { arith.addf } ins(%h : tensor<?xf64>)
      outs(%z : tensor<f64>) dimensions = [0]
  sym.return %sum : tensor<f64> updates(@history = %new : tensor<?xf64>)
}

// Replaces the value; returns the old one, scaled.
sym.func @replace(%x: tensor<?xf64>) -> tensor<?xf64> {
  %v = sym.read @value : tensor<?xf64>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %v, %c0 : tensor<?xf64>
  %e = tensor.empty(%n) : tensor<?xf64>
  %twice = linalg.add ins(%v, %v : tensor<?xf64>, tensor<?xf64>)
      outs(%e : tensor<?xf64>) -> tensor<?xf64>
  sym.return %twice : tensor<?xf64> updates(@value = %x : tensor<?xf64>)
}
