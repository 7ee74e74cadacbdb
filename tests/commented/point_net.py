"""Points in no order: a small network for each, and the largest of all."""

import torch
from torch import nn
from torch.nn import functional as F


class TNet(nn.Module):
    def __init__(self, k):
        super().__init__()
        self.k = k
        self.conv1, self.conv2 = nn.Conv1d(k, 8, 1), nn.Conv1d(8, 16, 1)
        self.fc = nn.Linear(16, k * k)

    def forward(self, x):
        bs, k, n = x.shape
        x = F.relu(self.conv1(x))  # (bs, 8, n)
        x = F.relu(self.conv2(x))  # (bs, 16, n)
        x = x.max(dim=2)[0]  # (bs, 16)
        x = self.fc(x).view(bs, k, k)  # bs x k x k
        return x + torch.eye(k)  # (bs, k, k)


class PointNet(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.num_classes = num_classes
        self.tnet = TNet(3)
        self.conv = nn.Conv1d(3, 10, 1)
        self.fc = nn.Linear(10, num_classes)

    def forward(self, points):
        # points: (B, N, 3)
        x = points.transpose(1, 2)  # (B, 3, N)
        trans = self.tnet(x)  # (B, 3, 3)
        x = torch.bmm(points, trans)  # (B,N,3) @ (B,3,3) -> (B,N,3)
        x = F.relu(self.conv(x.mT))  # (B, 10, N)
        x = torch.max(x, 2, keepdim=True)[0]  # (B, 10, 1)
        x = x.view(-1, 10)  # (B, 10)
        return F.log_softmax(self.fc(x), dim=1)  # (B, num_classes)


def model():
    return PointNet(num_classes=7)


def inputs():
    return (torch.rand(4, 11, 3),)
