using System.Globalization;
using System.Text;

namespace Sampan.Cli.Tables;

/// <summary>
/// Aligns cells that end with a tab as Go's text/tabwriter does with docker's settings: cells at least ten wide, three
/// blanks between. A column is a run of lines that have that cell; the last cell of a line belongs to no column.
/// </summary>
internal static class TabWriter
{
    public static string Align(string text, int minWidth = 10, int padding = 3)
    {
        var cells = new Cells(text);
        cells.SetWidths(0, cells.Rows, 0, minWidth, padding);
        var result = new StringBuilder(text.Length * 2);
        for (int row = 0; row < cells.Rows; row++)
        {
            if (row > 0) result.Append('\n');
            int last = cells.Count(row) - 1;
            for (int column = 0; column <= last; column++)
            {
                var cell = cells.Text(row, column);
                result.Append(cell);
                if (column < last) result.Append(' ', Math.Max(0, cells.Width(row, column) - Length(cell)));
            }
        }
        return result.ToString();
    }

    private static int Length(ReadOnlySpan<char> cell)
    {
        if (Ascii.IsValid(cell)) return cell.Length;
        int n = 0;
        foreach (var rune in cell.EnumerateRunes())
            if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark) n++;
        return n;
    }

    /// <summary>Where the cells of a text lie in it, row after row: three lists of numbers, not a text for each.</summary>
    private readonly ref struct Cells
    {
        private readonly ReadOnlySpan<char> _text;
        private readonly int[] _starts;
        private readonly int[] _widths;
        private readonly int[] _firsts;

        public Cells(string text)
        {
            _text = text;
            int lines = _text.Count('\n'), tabs = _text.Count('\t');
            _starts = new int[lines + tabs + 2];
            _widths = new int[lines + tabs + 1];
            _firsts = new int[lines + 2];
            int cell = 0, row = 0;
            for (int i = 0; i < text.Length; i++)
            {
                if (text[i] is not ('\t' or '\n')) continue;
                _starts[++cell] = i + 1;
                if (text[i] == '\n') _firsts[++row] = cell;
            }
            // As if the text ended with a line end.
            _starts[++cell] = text.Length + 1;
            _firsts[++row] = cell;
        }

        public int Rows => _firsts.Length - 1;

        public int Count(int row) => _firsts[row + 1] - _firsts[row];

        public ReadOnlySpan<char> Text(int row, int column) => _text[_starts[_firsts[row] + column]..(_starts[_firsts[row] + column + 1] - 1)];

        public int Width(int row, int column) => _widths[_firsts[row] + column];

        public void SetWidths(int from, int to, int column, int minWidth, int padding)
        {
            for (int row = from; row < to; row++)
            {
                if (column >= Count(row) - 1) continue;
                int end = row;
                int width = minWidth;
                while (end < to && column < Count(end) - 1)
                {
                    width = Math.Max(width, Length(Text(end, column)) + padding);
                    end++;
                }
                for (int i = row; i < end; i++) _widths[_firsts[i] + column] = width;
                SetWidths(row, end, column + 1, minWidth, padding);
                row = end - 1;
            }
        }
    }
}
