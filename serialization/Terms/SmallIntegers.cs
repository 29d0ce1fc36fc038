using System.Runtime.CompilerServices;

namespace CloudScale;

/// <summary>Boxes of the integers that messages carry most, made once.</summary>
internal static class SmallIntegers
{
    private const int Lowest = -16;
    private const int Highest = 1023; // untuned; every byte must be in, so that a charlist boxes nothing

    private static readonly object[] s_boxes = MakeBoxes();

    /// <summary>Whether there is a box of the number.</summary>
    public static bool HasBox(long value) => value is >= Lowest and <= Highest;

    /// <summary>The number as a term.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static object Box(long value) => HasBox(value) ? s_boxes[value - Lowest] : value;

    private static object[] MakeBoxes()
    {
        object[] boxes = new object[Highest - Lowest + 1];
        for (int i = 0; i < boxes.Length; i++)
            boxes[i] = (long)(i + Lowest);
        return boxes;
    }
}
