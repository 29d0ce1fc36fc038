# A GenServer whose protocol is structs; the C# side knows it by contracts.
defmodule Shop.Item do
  defstruct [:article, count: 1, note: nil]
end

defmodule Shop.Stock do
  defstruct items: [], total: 0
end

defmodule Shop.Counter do
  use GenServer

  def start, do: GenServer.start(__MODULE__, %Shop.Stock{}, name: :counter)

  @impl true
  def init(stock), do: {:ok, stock}

  @impl true
  def handle_call({:put, %Shop.Item{count: count} = item}, _from, %Shop.Stock{} = stock) do
    stock = %Shop.Stock{stock | items: [item | stock.items], total: stock.total + count}
    {:reply, stock, stock}
  end

  # Calls a server of ours with a struct and answers with what it said.
  def handle_call({:ask, server, article}, _from, stock) do
    {:reply, GenServer.call(server, %Shop.Item{article: article, count: 20, note: "from Elixir"}), stock}
  end
end
