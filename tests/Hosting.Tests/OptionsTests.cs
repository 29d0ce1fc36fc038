using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CloudScale.Hosting.Tests;

/// <summary>Options from configuration, and what is wrong with them.</summary>
public sealed class OptionsTests : HostFixture
{
    private static HostApplicationBuilder With(HostApplicationBuilder builder, params (string Key, string Value)[] settings)
    {
        builder.Configuration.AddInMemoryCollection(
            settings.Select(entry => new KeyValuePair<string, string?>("CloudScale:" + entry.Key, entry.Value))
        );
        return builder;
    }

    [Test]
    public void Configuration_EveryKey_IsRead_AndCodeComesAfter()
    {
        HostApplicationBuilder builder = With(
            NewBuilder(),
            ("Name", "a@127.0.0.1"),
            ("Cookie", "of-configuration"),
            ("Hidden", "true"),
            ("Schedulers", "3"),
            ("MaxProcesses", "1000"),
            ("TickTime", "00:00:08"),
            ("Cookies:b@127.0.0.1", "other"),
            ("AllowedNodes:0", "b@127.0.0.1"),
            ("UsesCompression", "true"),
            ("ListenAddress", "127.0.0.1"),
            ("ListenPort", "4711"),
            ("EpmdPort", "5000"),
            ("StartEpmd", "false"),
            ("ShutdownGrace", "00:00:01"),
            ("ConnectAll", "false"),
            ("PreventOverlappingPartitions", "false"),
            ("AllowedFunctions", "Introspection, Calls")
        );
        builder.AddCloudScale(options => options.Cookie = "of-code");
        using IHost host = builder.Build();
        NodeOptions options = host.Services.GetRequiredService<IOptions<NodeOptions>>().Value;
        Assert.That(options.Name, Is.EqualTo("a@127.0.0.1"));
        Assert.That(options.Cookie, Is.EqualTo("of-code"));
        Assert.That(
            (options.Hidden, options.UsesCompression, options.StartEpmd, options.ConnectAll, options.PreventOverlappingPartitions),
            Is.EqualTo((true, true, false, false, false))
        );
        Assert.That((options.Schedulers, options.MaxProcesses, options.ListenPort, options.EpmdPort), Is.EqualTo((3, 1000, 4711, 5000)));
        Assert.That((options.TickTime.TotalSeconds, options.ShutdownGrace.TotalSeconds), Is.EqualTo((8, 1)));
        Assert.That(options.Cookies["b@127.0.0.1"], Is.EqualTo("other"));
        Assert.That(options.AllowedNodes, Is.EqualTo((string[])["b@127.0.0.1"]));
        Assert.That(options.ListenAddress, Is.EqualTo(System.Net.IPAddress.Loopback));
        Assert.That(options.AllowedFunctions, Is.EqualTo(StandardFunctions.Introspection | StandardFunctions.Calls));
    }

    [TestCase("Nmae", "x", "CloudScale:Nmae is no option of a node")]
    [TestCase("Schedulers", "many", "expected a whole number")]
    [TestCase("Hidden", "perhaps", "expected true or false")]
    [TestCase("TickTime", "soon", "expected a time")]
    [TestCase("ListenAddress", "here", "expected an IP address")]
    [TestCase("AllowedFunctions", "Everything", "names of StandardFunctions")]
    [TestCase("Name", "nohost", "expected name@host")]
    [TestCase("Name", "a@127.0.0.1", "Cookie is missing")]
    [TestCase("Schedulers", "0", "expected 1 to 1024")]
    [TestCase("ListenPort", "70000", "expected 0 to 65535")]
    [TestCase("TickTime", "00:00:00", "at least a second")]
    public void Start_WrongOption_FailsAndNamesIt(string key, string value, string fault)
    {
        HostApplicationBuilder builder = With(NewBuilder(), (key, value));
        builder.AddCloudScale();
        using IHost host = builder.Build();
        Assert.That(async () => await host.StartAsync(), Throws.TypeOf<OptionsValidationException>().With.Message.Contains(fault));
    }

    [Test]
    public void Start_SeveralWrongOptions_AreAllTold()
    {
        HostApplicationBuilder builder = NewBuilder();
        builder.AddCloudScale(options =>
        {
            options.Schedulers = 0;
            options.ListenPort = -1;
        });
        using IHost host = builder.Build();
        Assert.That(
            async () => await host.StartAsync(),
            Throws.TypeOf<OptionsValidationException>().With.Message.Contains("Schedulers").And.Message.Contains("ListenPort")
        );
    }
}
