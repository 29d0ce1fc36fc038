using CloudScale.Samples.Shop;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// A C# server that Elixir calls: dotnet run --project runtime/samples/Shop, then elixir --name me@127.0.0.1 --cookie secret runtime/samples/Shop/shop.exs
HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder
    .AddCloudScale(node =>
    {
        node.Name ??= "shop@127.0.0.1"; // --CloudScale:Name=… is another
        node.Cookie ??= "secret";
    })
    .AddServer<Cart>("cart")
    .AddModule<Prices>();
using IHost host = builder.Build();
await host.StartAsync();
Console.WriteLine($"READY {host.Services.GetRequiredService<NodeHandle>().Node.Name.Name}");
await host.WaitForShutdownAsync();
