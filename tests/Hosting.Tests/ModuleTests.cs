using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CloudScale.Hosting.Tests;

/// <summary>Exported functions with services.</summary>
public sealed partial class ModuleTests : HostFixture
{
    internal sealed class Prices
    {
        public long Of(string name) => name.Length;
    }

    [ErlangModule("shop")]
    internal sealed partial class ShopFunctions(Prices prices)
    {
        [ErlangFunction]
        public long Price(string name) => prices.Of(name);
    }

    [Test]
    public async Task Module_WithServices_IsExportedWhenTheNodeRuns()
    {
        HostApplicationBuilder builder = NewBuilder();
        builder.Services.AddSingleton<Prices>();
        builder.AddCloudScale().AddModule<ShopFunctions>();
        Node node = await StartAsync(builder);
        Assert.That(await Within(node.RunAsync(self => node.Functions.Apply(self, "shop", "price", List.Of("apple")))), Is.EqualTo(5L));
    }
}
