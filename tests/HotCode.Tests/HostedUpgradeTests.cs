using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CloudScale.HotCode.Tests;

/// <summary>A service of the host that servers of a library take.</summary>
public interface IDrawer
{
    /// <summary>Which one it is.</summary>
    long Number { get; }
}

/// <summary>Servers of a library that a host runs with its services, replaced while they are called.</summary>
public sealed class HostedUpgradeTests
{
    private sealed class Drawer(List<long> closed) : IDrawer, IDisposable
    {
        private static long s_count;

        public long Number { get; } = Interlocked.Increment(ref s_count);

        public void Dispose()
        {
            lock (closed)
                closed.Add(Number);
        }
    }

    [Test]
    public async Task Update_OfAHostedServer_UnderCalls_LosesNone_AndKeepsItsServices()
    {
        List<long> closed = [];
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddScoped<IDrawer>(_ => new Drawer(closed));
        builder.AddCloudScale().AddLibrary(Library.First).AddServer("till", Library.Name, Library.Till);
        using IHost host = builder.Build();
        await host.StartAsync();
        Node node = host.Services.GetRequiredService<NodeHandle>().Node;
        Pid till = node.WhereIs("till");
        (string before, long drawer) = await VersionAsync(node);
        Assert.That(before, Is.EqualTo("one"));

        bool isOver = false;
        long calls = 0;
        Task<long>[] callers =
        [
            .. Enumerable
                .Range(0, 4)
                .Select(_ =>
                    node.RunAsync(async self =>
                    {
                        long mine = 0;
                        for (; !Volatile.Read(ref isOver); mine++)
                        {
                            await self.Call("till", (Atom)"next", Eventually.Patience);
                            Interlocked.Increment(ref calls);
                        }

                        return mine;
                    })
                ),
        ];
        await Beyond(5_000);
        UpgradeResult failed = await node.Code.UpgradeAsync(UpgradeInstruction.Update(Library.Name, Library.Stateless));
        Assert.That(failed.IsOk, Is.False, "that version has no till");
        await Beyond(5_000);
        UpgradeResult result = await node.Code.UpgradeAsync(UpgradeInstruction.Update(Library.Name, Library.Second));
        await Beyond(5_000);
        Volatile.Write(ref isOver, true);
        long made = (await Task.WhenAll(callers).WaitAsync(Eventually.Patience)).Sum();

        Assert.That(result.ToString(), Is.EqualTo("ok, 1 processes"));
        Assert.That(await node.RunAsync(self => self.GetState("till")), Is.EqualTo(made), "each call was counted once, by old code or new");
        Assert.That(await VersionAsync(node), Is.EqualTo(("two", drawer)), "the same process has the same scope");
        Assert.That((node.WhereIs("till"), closed.Count), Is.EqualTo((till, 0)));
        Assert.That(await result.Replaced.Single().WaitUnloadedAsync(Eventually.Patience), "the host's services keep no old code");

        await node.RunAsync(async self =>
        {
            Reference monitor = self.Monitor(till);
            try
            {
                await self.Call("till", (Atom)"crash");
            }
            catch (ProcessExitException)
            {
                // As asked.
            }

            return await self.Receive<Down>(down => down.Reference == monitor);
        });
        await Eventually.TrueAsync(() => node.WhereIs("till") is { IsNone: false } pid && pid != till, "it is restarted");
        (string after, long other) = await VersionAsync(node);
        Assert.That((after, other), Is.EqualTo(("two", drawer + 1)), "by the version that counts, with a scope of its own");
        await Eventually.TrueAsync(() => closed.Contains(drawer), "the first scope has ended with its process");
        await host.StopAsync();

        Task Beyond(long more)
        {
            long target = Interlocked.Read(ref calls) + more;
            return Eventually.TrueAsync(() => Interlocked.Read(ref calls) >= target, $"{more} more calls");
        }
    }

    private static async Task<(string Version, long Drawer)> VersionAsync(Node node)
    {
        Tuple answer = (Tuple)await node.CallAsync("till", (Atom)"version");
        return (answer[0].ToString()!, (long)answer[1]);
    }
}
