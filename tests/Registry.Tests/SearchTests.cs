namespace CloudScale.Registry.Tests;

public sealed class SearchTests : RegistryFixture
{
    private static readonly Atom s_any = "_";
    private static readonly Atom s_one = "$1";
    private static readonly Atom s_two = "$2";
    private static readonly Atom s_whole = "$_";
    private static readonly Atom s_l = "l";

    private static List Spec(object head, object? guard, object body) =>
        List.Of(Tuple.Of(head, guard is null ? List.Empty : List.Of(guard), List.Of(body)));

    [Test]
    public void Select_ByKeyPidAndValue_GivesWhatTheSpecificationSays()
    {
        Pid one = Idle();
        Pid other = Idle();
        Registry.Register(Shop, one, 1L);
        Registry.Register(RegistryKey.OfName(Tuple.Of((Atom)"cart", 1L)), other, 20L);
        Registry.Register(RegistryKey.OfName(Tuple.Of((Atom)"cart", 2L)), other, 30L);
        Registry.Register(RegistryKey.OfProperty("p"), one, 40L);
        Registry.TryRegisterShared(RegistryKey.OfCounter("c"), 50L);
        object cart = Tuple.Of(Tuple.Of((Atom)"n", s_l, Tuple.Of((Atom)"cart", s_one)), s_any, s_two);

        Assert.Multiple(() =>
        {
            Assert.That(Texts(Registry.Select(Spec(cart, null, s_one))), Is.EqualTo("1 2"));
            Assert.That(
                Texts(Registry.Select(Spec(cart, Tuple.Of((Atom)">", s_two, 25L), s_whole))),
                Does.Contain("{n,l,{cart,2}}").And.Not.Contain("{cart,1}")
            );
            Assert.That(Texts(Registry.Select(Spec(Tuple.Of(s_any, one, s_one), null, s_one))), Is.EqualTo("1 40"));
            Assert.That(Texts(Registry.Select(Spec(Tuple.Of(s_any, (Atom)"shared", s_one), null, s_one))), Is.EqualTo("50"));
            Assert.That(Registry.Select(Spec(s_any, null, s_whole), RegistryKind.Name), Has.Count.EqualTo(3));
            Assert.That(Registry.SelectCount(Spec(cart, Tuple.Of((Atom)">", s_two, 25L), Atoms.True)), Is.EqualTo(1));
        });
    }

    [Test]
    public void All_OfAKind_ShowsWhatIsCounted()
    {
        Pid one = Idle();
        Registry.Register(RegistryKey.OfCounter("c"), one, 4L);
        Registry.Register(RegistryKey.OfAggregatedCounter("c"), one);
        Registry.TryRegisterResourceCounter("r", one);
        Registry.Register(RegistryKey.OfResource("r"), one);

        Assert.That(
            string.Join(' ', Enum.GetValues<RegistryKind>().SelectMany(kind => Registry.All(kind)).Select(entry => entry.Value)),
            Is.EqualTo("4 4 undefined 1")
        );
    }

    [Test]
    public void Send_ReachesTheBearer_OrAllWhoHaveAProperty()
    {
        TestProbe one = Probe();
        TestProbe other = Probe();
        RegistryKey fans = RegistryKey.OfProperty("fans");
        Registry.Register(Shop, one.Pid);
        Registry.Register(fans, one.Pid);
        Registry.Register(fans, other.Pid);
        Registry.Send(Shop, "to one");
        one.ExpectMessage("to one");
        Test.Run(self =>
        {
            Registry.Send(self, fans, "to all");
            Registry.Send(self, RegistryKey.OfProperty("nobody"), "to none");
            return default;
        });
        one.ExpectMessage("to all");
        other.ExpectMessage("to all");
        Assert.That(() => Registry.Send(RegistryKey.OfName("nobody"), 1L), Throws.ArgumentException);
    }
}
