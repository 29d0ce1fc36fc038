namespace CloudScale;

/// <summary>Names of Elixir's modules, which are atoms with <c>Elixir.</c> in front.</summary>
public static class ElixirName
{
    private const string Prefix = "Elixir.";

    /// <summary>The atom of a module: <c>Shop.Cart</c> and <c>Elixir.Shop.Cart</c> are both <c>'Elixir.Shop.Cart'</c>.</summary>
    public static Atom Of(string module)
    {
        ArgumentException.ThrowIfNullOrEmpty(module);
        return Atom.Of(module.StartsWith(Prefix, StringComparison.Ordinal) ? module : Prefix + module);
    }
}
