using CloudScale.Interop.Native;

namespace CloudScale.Interop.Tests;

public sealed class NativeVersionTests
{
    [Test]
    public void Unpack_Packed_GivesTheThreeParts() => Assert.That(NativeVersion.Unpack(0x01_02_03), Is.EqualTo(new Version(1, 2, 3)));

    [Test]
    public void Probe_LibraryPresentOrNot_ReportsWithoutThrowing()
    {
        Assert.That(NativeVersion.Description, Does.Contain("cloudscale_native"));
        if (NativeVersion.IsPresent)
            Assert.That(NativeMethods.csn_noop(), Is.Zero);
    }
}
