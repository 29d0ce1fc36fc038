# What an Elixir program makes of the C# server. Run it with: elixir --name me@127.0.0.1 --cookie secret shop.exs
defmodule Shop.Item do
  defstruct [:name, :cents]
end

defmodule Shop.Customer do
  alias Shop.Item

  def buy(shop) do
    cart = {:cart, shop}
    price = :erpc.call(shop, :prices, :of, ["tea"])
    1 = GenServer.call(cart, {:add, %Item{name: "tea", cents: price}})
    2 = GenServer.call(cart, {:add, %Item{name: "cup", cents: 450}})
    750 = GenServer.call(cart, :total)
    [%Item{name: "tea", cents: 300}, %Item{name: "cup"}] = GenServer.call(cart, :items)

    # It ends, seen by a monitor, and is restarted as any supervised server is.
    ref = Process.monitor(cart)
    GenServer.stop(cart)

    receive do
      {:DOWN, ^ref, :process, _, :normal} -> IO.puts("ok")
    end
  end
end

Shop.Customer.buy(String.to_atom(List.first(System.argv()) || "shop@127.0.0.1"))
