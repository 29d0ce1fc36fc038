# Terms of ours as a real Elixir sees them, and terms of its own for us. A line of input is a term in Base64, answered by how Elixir
# prints it; behind them come the terms below, in Base64.

# The package decimal is not at hand; the map that its struct is, is all that counts here.
decimal = fn sign, coef, exp -> %{__struct__: Decimal, sign: sign, coef: coef, exp: exp} end

for line <- IO.stream(:stdio, :line) do
  term = line |> String.trim() |> Base.decode64!() |> :erlang.binary_to_term()

  shown =
    case term do
      %{__struct__: Decimal, sign: sign, coef: coef, exp: exp} -> "Decimal #{sign} #{coef} #{exp}"
      %module{} = other -> "#{inspect(module)} #{other}"
    end

  IO.puts(shown)
end

berlin = %DateTime{
  year: 2024, month: 7, day: 1, hour: 14, minute: 30, second: 5, microsecond: {120_000, 3},
  time_zone: "Europe/Berlin", zone_abbr: "CEST", utc_offset: 3600, std_offset: 3600
}

terms = [
  moment: ~U[2024-02-29 12:30:45Z],
  moment: ~U[2024-02-29 12:30:45.678901Z],
  moment: berlin,
  naive: ~N[1969-12-31 23:59:59.5],
  date: ~D[9999-12-31],
  time: ~T[00:00:00],
  time: ~T[23:59:59.999999],
  decimal: decimal.(-1, 1250, -2),
  decimal: decimal.(1, 1, 3),
  decimal: decimal.(1, 10_000_000_000_000_000_000_000_000_000_000_000, -34),
  moment: ~U[0000-01-01 00:00:00Z],
  date: ~D[-0001-01-01],
  decimal: decimal.(1, :NaN, 0),
  decimal: decimal.(1, 1, -29),
  date: ~U[2024-02-29 12:30:45Z],
  date: %{~D[2024-02-29] | calendar: Calendar.Holocene}
]

for {kind, term} <- terms, do: IO.puts("#{kind}\t#{Base.encode64(:erlang.term_to_binary(term))}")
