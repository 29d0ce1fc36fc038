namespace CloudScale.Tool.Tests.Nodes;

/// <summary>What <c>cloudscale node</c> starts of this assembly, and what the other commands look at.</summary>
public sealed class ShopSupervisor : Supervisor
{
    protected override ProcessTask<SupervisorInit> Init() =>
        OneForOne(
            new ChildSpec("till", () => new Till()) { Options = new StartOptions { Name = "till" } },
            new ChildSpec(
                "shelves",
                () => new SupervisorBuilder().Add("shelf", () => new Till()).Add("other shelf", () => new Till()).Build()
            )
        );

    /// <summary>Adds up.</summary>
    public sealed class Till : GenServer
    {
        private long _sum;

        protected override ProcessTask<Next> HandleCall(object request, From from) =>
            request is Tuple and [Atom { Name: "add" }, long amount] ? Reply(_sum += amount) : Reply(_sum);

        protected override ProcessTask<Next> HandleCast(object request) => NoReply;
    }
}

/// <summary>What it exports.</summary>
[ErlangModule("shop")]
public sealed partial class Shop
{
    [ErlangFunction]
    public static long Twice(long number) => number * 2;
}
