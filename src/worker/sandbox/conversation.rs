//! What passes between parent and child, from the document to the answer.
//!
//! The child may hand over pictures before it answers, each to be read by others while it waits: its clock
//! stands still meanwhile. A picture is one byte, two numbers and that many pixels, and nothing in it is
//! parsed here.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::ChildStdout;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::confined::Confined;
use super::tesseract::Eyes;
use super::{Limits, ReadError, STDERR_BYTES, timeout};
use crate::document::{MAX_PIXELS, Picture, Recognition};

/// The first byte of a picture. An answer is JSON, and begins with another.
pub(super) const PICTURE: u8 = b'P';

/// What was said until the child ended.
pub(super) struct Conversation {
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    pub(super) status: ExitStatus,
}

/// Hands `bytes` to `reader`, has `eyes` read the pictures that it hands over, and hears its answer.
///
/// # Errors
/// A timeout, a picture that is none, a broken pipe.
pub(super) async fn converse(
    reader: Confined,
    bytes: &[u8],
    limits: &Limits,
    eyes: Option<&mut Eyes<'_>>,
) -> Result<Conversation, ReadError> {
    let Confined {
        mut child,
        mut stdin,
        stdout,
        stderr,
    } = reader;
    let (say, mut said) = mpsc::channel::<Vec<u8>>(1);
    let write = async move {
        // A child that ends early breaks this pipe; what it said before counts.
        let mut open = stdin.write_all(bytes).await.is_ok();
        while let Some(reply) = said.recv().await {
            open = open && stdin.write_all(&reply).await.is_ok();
        }
        Ok::<_, ReadError>(())
    };
    let errors = async { Ok(drain(stderr, STDERR_BYTES).await?) };
    let talk = async {
        let heard = listen(stdout, limits, eyes, say).await;
        let cut = |(stdout, _): &(Vec<u8>, Instant)| stdout.len() as u64 > limits.output;
        if heard.as_ref().map_or(true, cut) {
            child.kill().await?;
        }
        let (stdout, deadline) = heard?;
        if let Ok(status) = timeout_at(deadline, child.wait()).await {
            return Ok((stdout, status?));
        }
        child.kill().await?;
        Err(ReadError::Input(timeout(limits.wall_seconds)))
    };
    let ((), stderr, (stdout, status)) = tokio::try_join!(write, errors, talk)?;
    Ok(Conversation {
        stdout,
        stderr,
        status,
    })
}

/// Hears pictures, and then the answer; also says when the time of the child is over.
async fn listen(
    stdout: ChildStdout,
    limits: &Limits,
    mut eyes: Option<&mut Eyes<'_>>,
    say: mpsc::Sender<Vec<u8>>,
) -> Result<(Vec<u8>, Instant), ReadError> {
    let mut deadline = Instant::now() + Duration::from_secs(limits.wall_seconds);
    // Of the time of the child itself, half is kept for what comes behind the pictures.
    let mut last_picture = Instant::now() + Duration::from_secs(limits.cpu_seconds) / 2;
    let late = |_| ReadError::Input(timeout(limits.wall_seconds));
    let mut stdout = BufReader::new(stdout);
    let mut enough = false;
    while let Some(eyes) = eyes.as_deref_mut() {
        let picture = timeout_at(deadline, picture(&mut stdout)).await;
        let Some(picture) = picture.map_err(late)?? else {
            break;
        };
        if enough {
            let message = "it handed over a picture after the last that is read";
            return Err(ReadError::Crashed(message.to_owned()));
        }
        let begin = Instant::now();
        let recognition = match eyes.recall(&picture) {
            Some(known) => known,
            None if begin < last_picture => eyes.read(&picture).await,
            None => Recognition::Enough("the time for its images is used up".to_owned()),
        };
        enough = matches!(recognition, Recognition::Enough(_));
        let reply = serde_json::to_vec(&recognition).map_err(io::Error::from)?;
        let length = u32::try_from(reply.len()).map_err(io::Error::other)?;
        let looked = begin.elapsed();
        deadline += looked;
        last_picture += looked;
        let said = say.send([&length.to_le_bytes(), &reply[..]].concat());
        // Where the child is gone, its end tells more. One that does not listen has no more time for it.
        let _ = timeout_at(deadline, said).await.map_err(late)?;
    }
    drop(say);
    let answer = timeout_at(deadline, drain(stdout, limits.output)).await;
    Ok((answer.map_err(late)??, deadline))
}

/// The picture that comes next, if one does.
async fn picture(stdout: &mut BufReader<ChildStdout>) -> Result<Option<Picture>, ReadError> {
    if stdout.fill_buf().await?.first() != Some(&PICTURE) {
        return Ok(None);
    }
    let broken = |_| ReadError::Crashed("it handed over a part of a picture".to_owned());
    stdout.consume(1);
    let width = stdout.read_u32_le().await.map_err(broken)?;
    let height = stdout.read_u32_le().await.map_err(broken)?;
    let size = width.checked_mul(height);
    let Some(size) = size.filter(|size| (1..=MAX_PIXELS).contains(size)) else {
        let message = format!("it handed over a picture of {width} by {height} pixels");
        return Err(ReadError::Crashed(message));
    };
    let mut pixels = vec![0; size as usize];
    stdout.read_exact(&mut pixels).await.map_err(broken)?;
    Ok(Some(Picture {
        width,
        height,
        pixels,
    }))
}

/// Reads up to one byte more than `limit`, so that a longer stream can be told.
pub(super) async fn drain(pipe: impl AsyncRead + Unpin, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    pipe.take(limit + 1).read_to_end(&mut bytes).await?;
    Ok(bytes)
}
