using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Sampan.Server.Http;

/// <summary>
/// The parameters of a request under the names that were written, as Docker has it: <c>FORCE</c> is not <c>force</c>, or it would lead past an
/// authorization plugin that looks for the one.
/// </summary>
internal sealed class ExactQuery : IQueryFeature
{
    private ExactQuery(IQueryCollection query) => Query = query;

    /// <inheritdoc/>
    public IQueryCollection Query { get; set; }

    /// <summary>Reads the query of a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="isKnown">Which of its parameters there are; the others are as if they were not sent.</param>
    internal static void Use(HttpContext context, Func<string, bool> isKnown)
    {
        if (context.Request.QueryString.Value is not { Length: > 1 } text)
            return;
        var parameters = new Dictionary<string, StringValues>(StringComparer.Ordinal);
        foreach (var pair in new QueryStringEnumerable(text))
        {
            var name = pair.DecodeName().ToString();
            if (!isKnown(name))
                continue;
            parameters[name] = StringValues.Concat(parameters.GetValueOrDefault(name), pair.DecodeValue().ToString());
        }

        context.Features.Set<IQueryFeature>(new ExactQuery(new QueryCollection(parameters)));
    }
}
