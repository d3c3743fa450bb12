using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sampan.BuildKit.Grpc;
using Sampan.BuildKit.Protos;
using Sampan.Server.Http;

namespace Sampan.Server.Grpc;

/// <summary>Takes each call to its method and each failure to its status. No exception leaves it.</summary>
internal sealed partial class GrpcApplication(GrpcMethods methods, ConnectionEnds ends, ILogger log) : CountedApplication
{
    private const int MaxText = 16 * 1024;
    private static readonly CompositeFormat s_escaped = CompositeFormat.Parse("%{0:X2}");

    /// <inheritdoc/>
    public override async Task ProcessRequestAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "/";
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        try
        {
            if (context.Request.Method != "POST" || context.Request.ContentType?.StartsWith(GrpcCall.MediaType, StringComparison.Ordinal) != true)
            {
                context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
                return;
            }
            context.Response.ContentType = GrpcCall.MediaType;
            var method = methods.Find(path) ?? throw new GrpcException(GrpcCode.Unimplemented, $"unknown method '{path}'");
            if (Timeout(context.Request.Headers["grpc-timeout"]) is { } time)
                end.CancelAfter(time);
            await method(new GrpcCall(context, ends, end.Token)).ConfigureAwait(false);
            Finish(context, GrpcCode.Ok, "", []);
            Log.Answered(log, path, GrpcCode.Ok);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            Log.ClientGone(log, path);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            Finish(context, GrpcCode.DeadlineExceeded, "the time that the caller gave is over", []);
        }
        catch (Exception failure)
        {
            var (code, message, details) = ErrorMapping.DescribeCall(failure);
            if (code == GrpcCode.Internal && failure is not GrpcException)
                Log.Unexpected(log, failure, path, message);
            Log.Answered(log, path, code);
            Finish(context, code, message, details);
        }
    }

    // Without a message before it, the status comes in the head.
    private static void Finish(HttpContext context, GrpcCode code, string message, IReadOnlyList<Any> details)
    {
        if (message.Length > MaxText)
            message = message[..MaxText];
        Set("grpc-status", ((int)code).ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (code == GrpcCode.Ok)
            return;
        Set("grpc-message", Escape(message));
        if (details.Count == 0)
            return;
        var status = new Status { Code = (int)code, Message = message };
        status.Details.AddRange(details);
        var text = Convert.ToBase64String(status.ToByteArray()).TrimEnd('=');
        if (text.Length <= MaxText)
            Set("grpc-status-details-bin", text);

        void Set(string name, string value)
        {
            if (context.Response.HasStarted)
                context.Response.AppendTrailer(name, value);
            else
                context.Response.Headers[name] = value;
        }
    }

    private static string Escape(string message)
    {
        var text = new StringBuilder();
        foreach (var octet in Encoding.UTF8.GetBytes(message))
        {
            if (octet is >= 0x20 and <= 0x7e and not (byte)'%')
                text.Append((char)octet);
            else
                text.AppendFormat(System.Globalization.CultureInfo.InvariantCulture, s_escaped, octet);
        }
        return text.ToString();
    }

    // At most eight digits and a unit; what is longer than a day is none.
    private static TimeSpan? Timeout(string? text)
    {
        if (text is not { Length: >= 2 and <= 9 } || !uint.TryParse(text.AsSpan(0, text.Length - 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var count))
            return null;
        TimeSpan? time = text[^1] switch
        {
            'H' => TimeSpan.FromHours(count),
            'M' => TimeSpan.FromMinutes(count),
            'S' => TimeSpan.FromSeconds(count),
            'm' => TimeSpan.FromMilliseconds(count),
            'u' => TimeSpan.FromMicroseconds(count),
            'n' => TimeSpan.FromMicroseconds(count / 1000),
            _ => null,
        };
        return time < TimeSpan.FromDays(1) ? time : null;
    }
}
