using FsCheck;
using FsCheck.Fluent;
using Sampan.Cli.Tables;

namespace Sampan.Cli.Tests.Tables;

public sealed class TabWriterTests
{
    [Fact]
    public void Columns_are_as_wide_as_their_widest_cell_and_three_blanks() => TabWriter.Align("NAME\tSTATE\tID\na\trunning for ever\t1\nlonger than ten\tx\t2\n").ShouldBe(
        """
        NAME              STATE              ID
        a                 running for ever   1
        longer than ten   x                  2

        """.ReplaceLineEndings("\n"));

    [Fact]
    public void A_column_is_at_least_ten_wide_and_the_last_cell_is_left_alone() => TabWriter.Align("a\tb\n\tc\n").ShouldBe("a         b\n          c\n");

    [Fact]
    public void A_line_without_the_cell_ends_the_column() => TabWriter.Align("a very long first cell\tx\nno cells\nb\ty\n").ShouldBe("a very long first cell   x\nno cells\nb         y\n");

    [Fact]
    public void Letters_count_not_bytes() => TabWriter.Align("äöüäöüäöü\tx\nabcdefghi\ty\n").ShouldBe("äöüäöüäöü   x\nabcdefghi   y\n");

    [Fact]
    public void The_cells_stay_what_they_were() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(
        Gen.Elements("a", "longer", "a very long cell indeed", "ä").ListOf().Select(l => l.Take(5).ToList()).ListOf().ToArbitrary(), rows =>
        {
            string text = string.Join('\n', rows.Select(r => string.Join('\t', r)));
            var lines = TabWriter.Align(text).Split('\n');
            lines.Length.ShouldBe(Math.Max(1, rows.Count));
            for (int i = 0; i < rows.Count; i++)
                lines[i].Split("   ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ShouldBe(rows[i]);
        }));
}
