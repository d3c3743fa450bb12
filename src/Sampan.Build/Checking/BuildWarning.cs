using System.Text;

namespace Sampan.Build.Checking;

/// <summary>Something in a Dockerfile that works and is better written otherwise.</summary>
/// <param name="Rule">The check's name in the <see href="https://docs.docker.com/reference/build-checks/">build checks reference</see>.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Line">Where, from 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="LastLine">Where the instruction ends.</param>
public sealed record BuildWarning(string Rule, string Message, int Line, int Column, int LastLine)
{
    /// <summary>What Docker's documentation says about it.</summary>
    public string Url
    {
        get
        {
            var name = new StringBuilder();
            for (var i = 0; i < Rule.Length; i++)
            {
                if (i > 0 && char.IsUpper(Rule[i]) && (!char.IsUpper(Rule[i - 1]) || i + 1 < Rule.Length && char.IsLower(Rule[i + 1])))
                    name.Append('-');
                name.Append(char.ToLowerInvariant(Rule[i]));
            }
            return $"https://docs.docker.com/go/dockerfile/rule/{name}/";
        }
    }
}
