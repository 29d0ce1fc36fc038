using System.Diagnostics;
using System.Globalization;
using CloudScale;
using CloudScale.Samples.UserAgents;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// An agent for each user: three processes, asleep in a file when nobody needs it.
//   dotnet run --project runtime/samples/UserAgents                         a few lines about one agent's life
//   dotnet run -c Release --project runtime/samples/UserAgents -- --count 1000000      what a million of them take

int count = args is ["--count", var text] ? int.Parse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture) : 0;
string folder = Path.Combine(Path.GetTempPath(), "cloudscale-user-agents");
HostApplicationBuilder builder = Host.CreateApplicationBuilder([]);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.AddUserAgents(folder);
builder.Services.Configure<AgentOptions>(agents => agents.IdleTime = count > 0 ? TimeSpan.FromHours(1) : TimeSpan.FromSeconds(1));
using IHost host = builder.Build();
await host.StartAsync();
Node node = host.Services.GetRequiredService<NodeHandle>().Node;
AgentHome home = host.Services.GetRequiredService<AgentHome>();

if (count == 0)
{
    Console.WriteLine(
        $"push  → {await home.CallAsync("ada", CloudScale.Tuple.Of((Atom)"push", "hello"))} waiting; {home.Count} agent lives"
    );
    while (home.Count > 0)
        await Task.Delay(100);
    Console.WriteLine("idle  → its state is in " + folder);
    Console.WriteLine($"fetch → {await home.CallAsync("ada", (Atom)"fetch")}; it lives again");
}
else
{
    long before = Resident();
    long processes = node.Processes.ProcessCount;
    Stopwatch clock = Stopwatch.StartNew();
    await node.RunAsync(async self =>
    {
        for (int i = 0; i < count; i++)
            await home.Find(self, i.ToString(CultureInfo.InvariantCulture));
        return true;
    });
    double seconds = clock.Elapsed.TotalSeconds;
    GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    GC.WaitForPendingFinalizers();
    GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    long bytes = Resident() - before;
    Console.WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"{count:N0} agents, {node.Processes.ProcessCount - processes:N0} processes in {seconds:F1} s; {bytes / 1e9:F2} GB resident, {bytes / (double)count:F0} bytes an agent"
        )
    );
}

await host.StopAsync();

static long Resident()
{
    using Process self = Process.GetCurrentProcess();
    return self.WorkingSet64;
}
