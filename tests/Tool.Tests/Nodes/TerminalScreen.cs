using System.Globalization;
using System.Text;

namespace CloudScale.Tool.Tests.Nodes;

/// <summary>What a terminal shows of what it was sent: as much of ECMA-48 as the program uses. What it does not know is an error, so that nothing is shown wrongly.</summary>
internal sealed class TerminalScreen
{
    private readonly List<StringBuilder> _lines = [];
    private int _row;
    private int _column;

    /// <summary>The screen after all of a record.</summary>
    public static string Of(string record)
    {
        TerminalScreen screen = new();
        for (int at = 0; at < record.Length; )
            at = screen.Show(record, at);
        return string.Join('\n', screen._lines.Select(line => line.ToString().TrimEnd())).TrimEnd('\n');
    }

    private int Show(string record, int at)
    {
        switch (record[at])
        {
            case '\x1b':
                return Control(record, at + 1);
            case '\r':
                _column = 0;
                break;
            case '\n':
                _row++;
                break;
            case '\b':
                _column = Math.Max(_column - 1, 0);
                break;
            case < ' ':
                break;
            default:
                StringBuilder line = Line();
                line.Append(' ', Math.Max(_column + 1 - line.Length, 0));
                line[_column++] = record[at];
                break;
        }

        return at + 1;
    }

    private StringBuilder Line()
    {
        while (_lines.Count <= _row)
            _lines.Add(new StringBuilder());
        return _lines[_row];
    }

    // ESC = and ESC > choose a keypad; CSI parameters final.
    private int Control(string record, int at)
    {
        if (record[at] is '=' or '>')
            return at + 1;
        if (record[at] != '[')
            throw new InvalidOperationException($"ESC {record[at]} is not known here.");
        int end = at + 1;
        while (record[end] is >= '0' and <= '?')
            end++;
        string parameters = record[(at + 1)..end];
        int count = int.TryParse(parameters, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 1;
        switch (record[end])
        {
            case 'A':
                _row = Math.Max(_row - count, 0);
                break;
            case 'B':
                _row += count;
                break;
            case 'C':
                _column += count;
                break;
            case 'D':
                _column = Math.Max(_column - count, 0);
                break;
            case 'G':
                _column = count - 1;
                break;
            case 'H':
                int[] place = [.. parameters.Split(';').Select(part => int.TryParse(part, out int value) ? value - 1 : 0), 0];
                (_row, _column) = (place[0], place[1]);
                break;
            case 'J' when parameters is "2" or "3":
                _lines.Clear();
                break;
            case 'J':
                Erase();
                if (_lines.Count > _row + 1)
                    _lines.RemoveRange(_row + 1, _lines.Count - _row - 1);
                break;
            case 'K':
                if (parameters == "2")
                    Line().Clear();
                else
                    Erase();
                break;
            case 'm' or 'h' or 'l' or 'n': // colours, modes, questions
                break;
            default:
                throw new InvalidOperationException($"CSI {parameters} {record[end]} is not known here.");
        }

        return end + 1;
    }

    private void Erase()
    {
        StringBuilder line = Line();
        if (line.Length > _column)
            line.Length = _column;
    }
}
