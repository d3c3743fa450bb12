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
        string[] lines = text.Split('\n');
        var cells = lines.Select(l => l.Split('\t')).ToList();
        var widths = cells.Select(c => new int[c.Length]).ToList();
        SetWidths(cells, widths, 0, cells.Count, 0, minWidth, padding);
        var result = new StringBuilder();
        for (int row = 0; row < cells.Count; row++)
        {
            if (row > 0) result.Append('\n');
            for (int column = 0; column < cells[row].Length; column++)
            {
                string cell = cells[row][column];
                result.Append(cell);
                if (column < cells[row].Length - 1) result.Append(' ', Math.Max(0, widths[row][column] - Length(cell)));
            }
        }
        return result.ToString();
    }

    private static void SetWidths(List<string[]> cells, List<int[]> widths, int from, int to, int column, int minWidth, int padding)
    {
        for (int row = from; row < to; row++)
        {
            if (column >= cells[row].Length - 1) continue;
            int end = row;
            int width = minWidth;
            while (end < to && column < cells[end].Length - 1)
            {
                width = Math.Max(width, Length(cells[end][column]) + padding);
                end++;
            }
            for (int i = row; i < end; i++) widths[i][column] = width;
            SetWidths(cells, widths, row, end, column + 1, minWidth, padding);
            row = end - 1;
        }
    }

    private static int Length(string cell)
    {
        int n = 0;
        foreach (var rune in cell.EnumerateRunes())
            if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark) n++;
        return n;
    }
}
