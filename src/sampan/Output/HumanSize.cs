namespace Sampan.Cli.Output;

/// <summary>Sizes as docker prints them.</summary>
internal static class HumanSize
{
    private static readonly string[] s_decimal = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    private static readonly string[] s_binary = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>Powers of 1000, three digits: 4.26MB.</summary>
    public static string Short(double bytes) => Scale(bytes, 1000, s_decimal, 3);

    /// <summary>Powers of 1000, four digits: 4.261MB.</summary>
    public static string Decimal(double bytes) => Scale(bytes, 1000, s_decimal, 4);

    /// <summary>Powers of 1024, four digits: 3.828GiB.</summary>
    public static string Binary(double bytes) => Scale(bytes, 1024, s_binary, 4);

    private static string Scale(double size, double step, string[] units, int digits)
    {
        int unit = 0;
        while (size >= step && unit < units.Length - 1)
        {
            size /= step;
            unit++;
        }
        return GoFormat.General(size, digits) + units[unit];
    }
}
