using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using Google.Protobuf;

namespace Sampan.BuildKit.Grpc;

/// <summary>One call while it goes on. One thread may write while another one reads; each alone.</summary>
public sealed class GrpcCall<TRequest, TResponse> : IAsyncDisposable
    where TRequest : class, IMessage
    where TResponse : class, IMessage<TResponse>
{
    private const int MaxReason = 4096;

    private readonly CancellationTokenSource _over;
    private readonly MessageParser<TResponse> _parser;
    private readonly RequestBody _body = new();
    private readonly Task<HttpResponseMessage> _sending;
    private PipeReader? _input;

    internal GrpcCall(HttpMessageInvoker http, HttpRequestMessage question, MessageParser<TResponse> parser, CancellationToken ct)
    {
        _over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        _parser = parser;
        question.Content = _body;
        _sending = SendAsync(http, question);
    }

    /// <summary>Says a message.</summary>
    /// <exception cref="GrpcException">The call is over.</exception>
    public async ValueTask WriteAsync(TRequest message, CancellationToken ct)
    {
        try
        {
            var output = await _body.Stream.WaitAsync(ct);
            await output.WriteAsync(GrpcFrame.ToBytes(message), ct);
            await output.FlushAsync(ct);
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException or ObjectDisposedException || broken is OperationCanceledException && !ct.IsCancellationRequested)
        {
            throw new GrpcException(GrpcCode.Unavailable, $"the connection broke: {broken.Message}", broken);
        }
    }

    /// <summary>No more messages follow from here.</summary>
    public void Complete() => _body.Complete();

    /// <summary>The other side's next message; null: it said all, and the call ended well.</summary>
    /// <exception cref="GrpcException">The call ended otherwise.</exception>
    public async ValueTask<TResponse?> ReadAsync(CancellationToken ct)
    {
        try
        {
            var answer = await _sending.WaitAsync(ct);
            if (answer.StatusCode != HttpStatusCode.OK)
                throw new GrpcException(GrpcCode.Unknown, $"status {(int)answer.StatusCode}");
            _input ??= PipeReader.Create(await answer.Content.ReadAsStreamAsync(ct));
            if (await GrpcFrame.ReadAsync(_input, _parser, GrpcFrame.MaxBytes, ct) is { } message)
                return message;
            Check(answer);
            return null;
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException or ObjectDisposedException || broken is OperationCanceledException && !ct.IsCancellationRequested)
        {
            throw new GrpcException(GrpcCode.Unavailable, $"the connection broke: {broken.Message}", broken);
        }
    }

    /// <summary>Ends the call, whatever is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _body.Complete();
        await _sending.ContinueWith(static sent =>
        {
            if (sent.IsCompletedSuccessfully)
                sent.Result.Dispose();
            else
                _ = sent.Exception;
        }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        _over.Dispose();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMessageInvoker http, HttpRequestMessage question)
    {
        try
        {
            return await http.SendAsync(question, _over.Token);
        }
        catch (Exception failed)
        {
            _body.Fail(failed);
            throw;
        }
    }

    // An answer without a message may have it all in its head.
    private static void Check(HttpResponseMessage answer)
    {
        var from = answer.TrailingHeaders.Contains("grpc-status") ? answer.TrailingHeaders : answer.Headers;
        if (!from.TryGetValues("grpc-status", out var values) || !int.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var code))
            throw new GrpcException(GrpcCode.Internal, "the answer ended without a status");
        if (code == 0)
            return;
        var reason = from.TryGetValues("grpc-message", out var words) ? words.First() : "";
        throw new GrpcException((GrpcCode)code, Uri.UnescapeDataString(reason.Length > MaxReason ? reason[..MaxReason] : reason));
    }

    /// <summary>The body of the request, as long as somebody writes to it.</summary>
    private sealed class RequestBody : HttpContent
    {
        private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal RequestBody() => Headers.TryAddWithoutValidation("content-type", "application/grpc");

        internal Task<Stream> Stream => _stream.Task;

        internal void Complete() => _end.TrySetResult();

        internal void Fail(Exception why)
        {
            _stream.TrySetException(why);
            _ = _stream.Task.Exception;
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            // The head goes out now: the other side may speak first.
            await stream.FlushAsync(cancellationToken);
            _stream.TrySetResult(stream);
            try
            {
                await _end.Task.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                // The other side wants to hear no more: its answer says why, and must not get lost for that.
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
