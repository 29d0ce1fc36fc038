using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CloudScale;

/// <summary>Copies as few bytes as names and short binaries have, where a call of the base library's would cost as much as all the rest.</summary>
internal static class FewBytes
{
    /// <summary>The most that are copied here.</summary>
    public const int Most = 32;

    /// <summary>Copies up to <see cref="Most"/> bytes: two moves that overlap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(ref byte source, ref byte target, nuint count)
    {
        if (count >= (nuint)Vector128<byte>.Count)
        {
            nuint last = count - (nuint)Vector128<byte>.Count;
            Vector128<byte> end = Vector128.LoadUnsafe(ref source, last);
            Vector128.LoadUnsafe(ref source).StoreUnsafe(ref target);
            end.StoreUnsafe(ref target, last);
        }
        else if (count >= sizeof(ulong))
        {
            nuint last = count - sizeof(ulong);
            Unsafe.WriteUnaligned(ref target, Unsafe.ReadUnaligned<ulong>(ref source));
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, last), Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, last)));
        }
        else
        {
            for (nuint i = 0; i < count; i++)
                Unsafe.Add(ref target, i) = Unsafe.Add(ref source, i);
        }
    }
}
