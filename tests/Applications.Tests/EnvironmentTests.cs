using Microsoft.Extensions.Configuration;

namespace CloudScale.Applications.Tests;

public sealed class EnvironmentTests : ApplicationFixture
{
    private static readonly Atom s_shop = "shop";

    private ApplicationDefinition Shop() =>
        Told("shop") with
        {
            Environment = new Dictionary<Atom, object>
            {
                ["port"] = 80L,
                ["rate"] = 0.5,
                ["open"] = Atoms.False,
                ["mode"] = (Atom)"slow",
                ["title"] = "none",
            },
        };

    private static IConfigurationRoot Configuration(params (string Key, string? Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.ToDictionary(value => value.Key, value => value.Value)).Build();

    private string All =>
        string.Join(' ', Applications.GetAllEnv(s_shop).Select(entry => $"{entry.Key}={Text(entry.Value)}").Order(StringComparer.Ordinal));

    [Test]
    public void Definition_Configuration_Set_GoBeforeEachOther_InThisOrder()
    {
        Load(Shop());
        Assert.That(Applications.GetEnv(s_shop, "port", 0L), Is.EqualTo(80L));
        Assert.That(Applications.TryGetEnv(s_shop, "nothing", out _), Is.False);
        using IDisposable watch = Applications.UseConfiguration(Configuration(("shop:port", "8080")));
        Assert.That(Applications.GetEnv(s_shop, "port", 0L), Is.EqualTo(8080L));
        Applications.SetEnv(s_shop, "port", 9L);
        Assert.That(Applications.GetEnv(s_shop, "port", 0L), Is.EqualTo(9L));
        Applications.UnsetEnv(s_shop, "port");
        Assert.That(Applications.GetEnv(s_shop, "port", -1L), Is.EqualTo(-1L));
    }

    [Test]
    public void Configuration_IsReadAsTheDefinitionHasIt()
    {
        using IDisposable watch = Applications.UseConfiguration(
            Configuration(
                ("shop:PORT", "8080"),
                ("shop:rate", "1.5"),
                ("shop:open", "True"),
                ("shop:mode", "fast"),
                ("shop:title", "The shop"),
                ("shop:hosts:0", "a"),
                ("shop:hosts:1", "b"),
                ("shop:db:user", "me")
            )
        );
        Load(Shop());
        Assert.That(
            All,
            Is.EqualTo("db=#{user => <<\"me\">>} hosts=[<<\"a\">>,<<\"b\">>] mode=fast open=true port=8080 rate=1.5 title=<<\"The shop\">>")
        );
    }

    [Test]
    public void Configuration_Wrong_ChangesNothing_AndIsLogged()
    {
        Load(Shop());
        using IDisposable watch = Applications.UseConfiguration(Configuration(("shop:port", "eighty")));
        Assert.That(Applications.GetEnv(s_shop, "port", 0L), Is.EqualTo(80L));
        Assert.That(Log.Lines.Select(line => line.Text), Has.Some.Contains("its configuration is wrong"));
    }

    [Test]
    public void Reload_TellsTheApplicationWhatHasChanged()
    {
        IConfigurationRoot configuration = Configuration(("shop:port", "1"), ("shop:old", "x"));
        using IDisposable watch = Applications.UseConfiguration(configuration);
        Load(Shop());
        Load(Told("other"));
        Start(s_shop);
        Start("other");
        Take();
        Applications.SetEnv(s_shop, "kept", 1L, persistent: true);
        Applications.SetEnv(s_shop, "lost", 1L);
        configuration["shop:port"] = "2";
        configuration["shop:old"] = null;
        configuration["shop:new"] = "y";
        configuration.Reload();
        Test.Settle();
        Assert.That(
            Take(),
            Is.EqualTo("config:shop:port=2:new=<<\"y\">>:lost,old").Or.EqualTo("config:shop:port=2:new=<<\"y\">>:old,lost")
        );
        Assert.That(Applications.GetEnv(s_shop, "kept", 0L), Is.EqualTo(1L));
        configuration.Reload();
        Test.Settle();
        Assert.That(Take(), Is.Empty, "nothing has changed");
    }
}
