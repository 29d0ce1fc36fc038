using CloudScale.Serialization.Contracts;

namespace CloudScale.Samples.Shop;

/// <summary><c>%Shop.Item{name: binary, cents: integer}</c> to Elixir.</summary>
[Term("Shop.Item", Shape = TermShape.Struct)]
public sealed partial record Item(string Name, long Cents);

/// <summary>A GenServer as Elixir knows one: <c>GenServer.call({:cart, :"shop@127.0.0.1"}, {:add, %Shop.Item{…}})</c>.</summary>
public sealed class Cart : GenServer
{
    private readonly List<Item> _items = [];

    /// <inheritdoc/>
    protected override ProcessTask<Next> HandleCall(object request, From from)
    {
        switch (request)
        {
            case Tuple and [Atom { Name: "add" }, var term] when Contract.TryFrom<Item>(term, out var item):
                _items.Add(item);
                return Reply((long)_items.Count);
            case Atom { Name: "total" }:
                return Reply(_items.Sum(item => item.Cents));
            case Atom { Name: "items" }:
                return Reply(List.Of([.. _items]));
            default:
                return Reply(Tuple.Of(Atoms.Error, (Atom)"unknown"));
        }
    }
}

/// <summary>Functions that Elixir calls by <c>:rpc</c> or <c>:erpc</c>: <c>:erpc.call(:"shop@127.0.0.1", :prices, :of, ["tea"])</c>.</summary>
[ErlangModule("prices")]
public sealed partial class Prices
{
    /// <summary>The price of a thing.</summary>
    [ErlangFunction]
    public static long Of(string name) => name.Length * 100L;
}
