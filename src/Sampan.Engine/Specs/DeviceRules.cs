using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Sampan.Oci.Runtime;

namespace Sampan.Engine.Specs;

/// <summary><c>--device-cgroup-rule</c>: <c>c 1:3 rwm</c>, <c>a *:* r</c>.</summary>
internal static class DeviceRules
{
    /// <summary>Reads one rule; it always allows.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out DeviceRule? rule)
    {
        rule = null;
        var words = text.Split(' ');
        if (words.Length != 3 || words[0] is not ("a" or "b" or "c") || words[2].Length == 0 || words[2].Any(c => c is not ('r' or 'w' or 'm')))
            return false;
        var numbers = words[1].Split(':');
        if (numbers.Length != 2 || !TryNumber(numbers[0], out var major) || !TryNumber(numbers[1], out var minor))
            return false;
        rule = new DeviceRule { Allow = true, Type = words[0], Major = major, Minor = minor, Access = words[2] };
        return true;
    }

    private static bool TryNumber(string text, out long? number)
    {
        number = null;
        if (text == "*")
            return true;
        var good = uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        number = value;
        return good;
    }
}
